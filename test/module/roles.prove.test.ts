import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apply } from "../lab/aws/support/apply.ts";
import { type ModuleInAccount, openInAccount } from "./open-in-account.ts";
import { GOOD_CALL } from "./open-module.ts";

const ROLE_PATH = "/ci/runners/";
/** All that the module's roles may do but for one right of the webhook function. */
const BOUNDARY = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Action: "*", Resource: "*" },
    { Effect: "Deny", Action: "sqs:SendMessage", Resource: "*" },
  ],
};
const NARROW = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: ["ssm:GetParameter"], Resource: "*" }],
};

let account: ModuleInAccount;
beforeAll(async () => {
  account = await openInAccount(GOOD_CALL);
});
afterAll(() => account.close());

async function policy(name: string, document: object): Promise<string> {
  return String((await apply(account.aws, "aws_iam_policy", { name, policy: JSON.stringify(document) })).arn);
}

/** Applies the call, and holds the second plan to nothing. */
async function applied(call: Record<string, unknown>): Promise<void> {
  await account.setCall({ ...GOOD_CALL, ...call });
  await account.workspace.apply();
  expect(await account.workspace.hasChanges()).toBe(false);
}

const webhook = { roleName: "gha-microvm-webhook", sessionName: "s" };
const send = () => ({ action: "sqs:SendMessage", resource: account.aws.queues.arn("gha-microvm-jobs") });
const read = () => ({ action: "ssm:GetParameter", resource: account.aws.parameters.arn("/gha-microvm/webhook") });

describe("the module's roles", () => {
  it("stand in the path and within the boundary that are asked for, every one of them", async () => {
    const permissions_boundary = await policy("without-sending", BOUNDARY);
    await applied({ permissions_boundary, role_path: ROLE_PATH });

    const roles = account.aws.iam.roles.all();
    expect(roles.map(({ name }) => name.split("-")[2]).sort()).toEqual([
      "build",
      "dispatcher",
      "exec",
      "prune",
      "prune",
      "redeliver",
      "refresh",
      "refresh",
      "schedule",
      "webhook",
    ]);
    for (const { arn, name, path, boundaryArn } of roles) {
      expect({ arn, path, boundaryArn }).toEqual({
        arn: `arn:aws:iam::123456789012:role${ROLE_PATH}${name}`,
        path: ROLE_PATH,
        boundaryArn: permissions_boundary,
      });
    }
    await expect(account.aws.iam.authorize(webhook, read())).resolves.toBeUndefined();
    await expect(account.aws.iam.authorize(webhook, send())).rejects.toThrow(
      "with an explicit deny in a permissions boundary",
    );
  });

  it("may not do what another boundary lacks, and are bounded anew in place", async () => {
    const before = account.aws.iam.roles.all().map(({ id }) => id);
    await applied({ permissions_boundary: await policy("narrow", NARROW), role_path: ROLE_PATH });

    expect(account.aws.iam.roles.all().map(({ id }) => id)).toEqual(before);
    await expect(account.aws.iam.authorize(webhook, read())).resolves.toBeUndefined();
    await expect(account.aws.iam.authorize(webhook, send())).rejects.toThrow(
      "because no permissions boundary allows the sqs:SendMessage action",
    );
  });

  it("have neither where nothing is asked for any more", async () => {
    await applied({});

    for (const { path, boundaryArn } of account.aws.iam.roles.all()) {
      expect({ path, boundaryArn }).toEqual({ path: "/", boundaryArn: undefined });
    }
    await expect(account.aws.iam.authorize(webhook, send())).resolves.toBeUndefined();
  });
});
