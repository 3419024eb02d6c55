import type { Caller, Iam } from "../iam/iam.ts";
import { microvmErrors } from "./errors.ts";

const SERVICE = "lambda.amazonaws.com";

/**
 * Whether the service can take a role on. It sends no context along: a trust that asks for aws:SourceAccount or
 * aws:SourceArn never matches. It tags its session, so the trust must allow that too (microvm-platform 1.9).
 */
export async function serviceCanAssume(iam: Iam, roleArn: string): Promise<boolean> {
  for (const action of ["sts:AssumeRole", "sts:TagSession"]) {
    if (!(await iam.trusts(roleArn, SERVICE, action))) return false;
  }
  return true;
}

/**
 * Checks that the caller may hand the role to the service and that the service can use it. No value of
 * `iam:PassedToService` matches what the service sends, so a policy with that condition is refused; and a trust that
 * does not fit is reported as a missing PassRole (microvm-platform 1.8, 1.9). Terraform's own identity is no caller of
 * the lab.
 */
export async function checkPassRole(iam: Iam, caller: Caller | undefined, roleArn: string): Promise<void> {
  if (caller !== undefined) await iam.authorize(caller, { action: "iam:PassRole", resource: roleArn });
  if (await serviceCanAssume(iam, roleArn)) return;
  const who = caller === undefined ? "the caller" : `${caller.roleName}/${caller.sessionName}`;
  throw microvmErrors.accessDenied(
    `User: ${who} is not authorized to perform: iam:PassRole on resource: ${roleArn} because no identity-based policy allows the iam:PassRole action`,
  );
}
