import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAccountReader } from "../../../../cli/aws/account-reader.ts";
import type { AwsAccess } from "../../../../cli/aws/resolve-aws.ts";
import { type LabAws, startAws } from "../../../../lab/aws/aws.ts";
import { createApplyingRole } from "../../../../smoke/aws/applying-role.ts";
import { memoryGuests } from "../support/memory-guests.ts";

const PLACE = { name: "smoke-gha", partition: "aws", account: "123456789012" };
const ALLOW_ROLES = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: ["iam:CreateRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:DeleteRole", "sts:AssumeRole"],
      Resource: "arn:aws:iam::123456789012:role/smoke-*",
    },
  ],
};
const QUOTAS = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "iam:GetRole", Resource: "*" }],
};

let aws: LabAws;
beforeAll(async () => {
  aws = await startAws({ guests: memoryGuests() });
});
afterAll(() => aws.stop());

/** Somebody who has one policy. */
function personWith(name: string, policy: Record<string, unknown>): AwsAccess {
  aws.iam.roles.create({ name, path: "/", trust: {} }).policies.set("own", policy);
  const { accessKeyId, secretAccessKey, sessionToken } = aws.iam.issueCredentials(name, "person");
  return { region: aws.account.region, credentials: { accessKeyId, secretAccessKey, sessionToken } };
}

describe("a role that somebody makes and assumes", () => {
  it("has its own policy and no other, and is gone in the end", async () => {
    const environment = { AWS_ENDPOINT_URL: aws.endpoint };
    const role = createApplyingRole(personWith("maker", ALLOW_ROLES), environment);
    await role.make({ ...PLACE, policy: {} });
    // Half made, and made again with its policy.
    await role.make({ ...PLACE, policy: QUOTAS });

    const assumed = await role.assume(PLACE);
    const reader = createAccountReader(assumed, environment);
    expect(await reader.identity()).toMatchObject({ who: "assumed-role/smoke-gha/smoke" });
    expect(await reader.hasRole("smoke-gha")).toBe(true);
    await expect(createApplyingRole(assumed, environment).assume(PLACE)).rejects.toThrow("AccessDenied");

    await role.remove(PLACE.name);
    await role.remove(PLACE.name);
    expect(aws.iam.roles.get(PLACE.name)).toBeUndefined();
    await expect(role.assume(PLACE)).rejects.toThrow("AccessDenied");
  });

  it("is made and assumed by nobody without the rights", async () => {
    const environment = { AWS_ENDPOINT_URL: aws.endpoint };
    const role = createApplyingRole(personWith("nobody", { Version: "2012-10-17", Statement: [] }), environment);
    await expect(role.make({ ...PLACE, policy: {} })).rejects.toThrow("iam:CreateRole");
  });
});
