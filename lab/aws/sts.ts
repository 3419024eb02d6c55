import { type Account, iamArn } from "./account.ts";
import { AwsError } from "./aws-error.ts";
import type { CallContext, Service } from "./gateway/service.ts";
import type { Iam } from "./iam/iam.ts";

/**
 * How long the credentials of an assumed role are good for, unless more is asked for (STS API reference, AssumeRole).
 */
const SESSION_MS = 3_600_000;

/**
 * STS, as far as saying who calls, for which nobody needs a right (STS API reference, GetCallerIdentity), and assuming
 * a role.
 */
export function createTokenService(account: Account, iam: Iam, now: () => number): Service {
  function whoCalls({ caller }: CallContext): string {
    const arn = sessionArn(account, caller.roleName, caller.sessionName);
    return `<Arn>${arn}</Arn><UserId>AROALAB:${caller.sessionName}</UserId><Account>${account.accountId}</Account>`;
  }

  async function assume(parameters: URLSearchParams, { authorize }: CallContext): Promise<string> {
    const [arn, session] = [parameters.get("RoleArn") ?? "", parameters.get("RoleSessionName") ?? ""];
    await authorize({ action: "sts:AssumeRole", resource: arn });
    const role = iam.roles.byArn(arn);
    if (role === undefined || !trustsAccount(role.trust, account)) {
      throw new AwsError("AccessDenied", 403, `not authorized to perform: sts:AssumeRole on resource: ${arn}`);
    }
    const { accessKeyId, secretAccessKey, sessionToken } = iam.issueCredentials(role.name, session);
    const until = new Date(now() + SESSION_MS).toISOString();
    return `<Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey><SessionToken>${sessionToken}</SessionToken><Expiration>${until}</Expiration></Credentials>`;
  }

  return {
    protocol: "rest-xml",
    operationOf(request) {
      const operation = new URLSearchParams(request.body.toString("utf8")).get("Action") ?? "";
      if (operation === "GetCallerIdentity" || operation === "AssumeRole") return operation;
      throw new AwsError("InvalidAction", 400, `the lab's STS has no operation '${operation}'`);
    },
    async perform(request, context) {
      const { operation } = context;
      const parameters = new URLSearchParams(request.body.toString("utf8"));
      const result = operation === "AssumeRole" ? await assume(parameters, context) : whoCalls(context);
      const body = `<${operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${operation}Result>${result}</${operation}Result></${operation}Response>`;
      return { status: 200, headers: { "content-type": "text/xml" }, body: Buffer.from(body) };
    },
  };
}

function sessionArn(account: Account, roleName: string, sessionName: string): string {
  return iamArn(account, `assumed-role/${roleName}/${sessionName}`).replace(":iam::", ":sts::");
}

/** Whether a role lets the account's own policies decide who assumes it. */
function trustsAccount({ Statement }: Record<string, unknown>, account: Account): boolean {
  return JSON.stringify(Statement ?? []).includes(`"${iamArn(account, "root")}"`);
}
