import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fencedBlocks, readProjectFile } from "../docs/markdown.ts";
import { type ModuleInAccount, openInAccount } from "./open-in-account.ts";
import { GOOD_CALL } from "./open-module.ts";

const DOCUMENTATION = readProjectFile("docs/USAGE.md");
const WITH_KEY = 'module "gha_runner" {\n  kms_key_arn = aws_kms_key.runners.arn\n}\n';
const ELSEWHERE = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

let account: ModuleInAccount;
beforeAll(async () => {
  account = await openInAccount(GOOD_CALL);
  await account.workspace.write({ "key.tf": documented("hcl", 'resource "aws_kms_key"') });
});
afterAll(() => account.close());

/** The one block of the documentation that holds a text. */
function documented(language: string, text: string): string {
  const [block, ...more] = fencedBlocks(DOCUMENTATION, language).filter((code) => code.includes(text));
  if (block === undefined || more.length > 0) throw new Error(`docs/USAGE.md does not show ${text} once`);
  return block;
}

/** Writes the module's call, with the key of this configuration or without one. */
async function call(inputs: Record<string, unknown>, override = ""): Promise<void> {
  await account.setCall({ ...GOOD_CALL, ...inputs });
  await account.workspace.write({ "call_override.tf": override });
}

async function apply(...options: string[]): Promise<void> {
  await account.workspace.apply(...options);
  expect(await account.workspace.hasChanges()).toBe(false);
}

/** What is encrypted with a customer's key, without account and Region and what differs from run to run. */
const encrypted = () =>
  [...account.aws.kms.keyOf.keys()]
    .map((arn) => arn.replace(/^arn:aws:(\w+):[^:]*:[^:]*:/, "$1:"))
    .map((arn) => arn.replace(/runner-[0-9a-f]{8}$/, "runner-ID").replace(/[0-9a-f]{64}-[0-9a-f]{8}/, "HASH-ID"))
    .sort();

const ALL = [
  "dynamodb:table/gha-microvm-jobs",
  "logs:log-group:/aws/lambda-microvms/gha-microvm-runner-ID",
  "logs:log-group:/aws/lambda/gha-microvm-dispatcher",
  "logs:log-group:/aws/lambda/gha-microvm-prune",
  "logs:log-group:/aws/lambda/gha-microvm-redeliver",
  "logs:log-group:/aws/lambda/gha-microvm-refresh",
  "logs:log-group:/aws/lambda/gha-microvm-webhook",
  "s3:gha-microvm-artifacts-123456789012",
  "s3:gha-microvm-artifacts-123456789012/microvm/HASH-ID.zip",
  "sqs:gha-microvm-dead-letters",
  "sqs:gha-microvm-jobs",
  "ssm:parameter/gha-microvm/dispatcher",
  "ssm:parameter/gha-microvm/webhook",
];

describe("the module with a key of the customer", () => {
  it("is applied with the key that the documentation shows, made in the same apply", async () => {
    await call({}, WITH_KEY);
    await apply();

    const key = (await account.workspace.resources()).find(({ address }) => address === "aws_kms_key.runners");
    expect(new Set(account.aws.kms.keyOf.values())).toEqual(new Set([key?.values.arn]));
    expect(encrypted()).toEqual(ALL);
  });

  it("builds the image that CloudFormation makes too", async () => {
    await call({ additional_os_capabilities: [] }, WITH_KEY);
    await apply();

    expect(encrypted()).toEqual(ALL);
  });

  it("has none any more after what the documentation says about that", async () => {
    const command = documented("sh", "-replace=module.gha_runner.aws_dynamodb_table.jobs");
    await call({ additional_os_capabilities: [] });
    await apply(...command.trim().split(" ").slice(2));

    expect(encrypted()).toEqual([]);
  });

  it("takes one in place, where there was none", async () => {
    const tables = async () =>
      (await account.workspace.resources()).filter(({ type }) => /table|queue$|parameter/.test(type));
    const before = (await tables()).map(({ values }) => values.id);
    await call({ additional_os_capabilities: [] }, WITH_KEY);
    await apply();

    expect((await tables()).map(({ values }) => values.id)).toEqual(before);
    expect(encrypted()).toEqual(ALL);
  });

  it.each([
    ["a key", { kms_key_arn: ELSEWHERE }, "kms_key_arn is a key of another Region than the aws provider's, eu-west-1"],
    ...["us-east-1:123456789012", "eu-west-1:999999999999"].map((place): [string, Record<string, unknown>, string] => [
      "a connector",
      { egress_network_connector_arn: `arn:aws:lambda:${place}:network-connector:vpc` },
      "egress_network_connector_arn is a connector of another Region or account",
    ]),
    [
      "a boundary",
      { permissions_boundary: "arn:aws:iam::999999999999:policy/boundary" },
      "permissions_boundary is a policy of another account",
    ],
    [
      "an action",
      { alarm_actions: ["arn:aws:sns:us-east-1:123456789012:alerts"] },
      "alarm_actions has an action of another Region",
    ],
  ])("refuses %s of another place when it is planned", async (_what, inputs, message) => {
    await call(inputs);
    const errors = (await account.workspace.diagnose()).filter(({ severity }) => severity === "error");

    expect(errors.map(({ detail }) => detail)).toEqual([expect.stringContaining(message)]);
  });

  it("takes what AWS manages, and a topic of another account", async () => {
    await call({
      egress_network_connector_arn:
        "arn:aws:lambda:eu-west-1:aws:network-connector:aws-network-connector:INTERNET_EGRESS",
      permissions_boundary: "arn:aws:iam::aws:policy/PowerUserAccess",
      alarm_actions: ["arn:aws:sns:eu-west-1:999999999999:alerts"],
    });
    const errors = (await account.workspace.diagnose()).filter(({ severity }) => severity === "error");

    expect(errors).toEqual([]);
  });
});
