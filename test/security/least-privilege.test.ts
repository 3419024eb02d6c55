import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Role } from "../../lab/aws/iam/role-store.ts";
import { deliveryHeaders } from "../../lab/world/services/function-url-event.ts";
import { applyForExercise, EXERCISES, type ExercisedLab, prefixOf } from "./exercise.ts";
import { PRIVILEGE_EXCEPTIONS } from "./privilege-exceptions.ts";
import { type PrivilegeReport, printPrivileges, reportPrivileges } from "./privileges.ts";

let exercised: ExercisedLab;

beforeAll(async () => {
  exercised = await applyForExercise();
});
afterAll(() => exercised?.lab.stop());

const report = (): PrivilegeReport => reportPrivileges(exercised.lab.aws.iam, PRIVILEGE_EXCEPTIONS);

function roleOf(suffix: string): Role {
  const role = exercised.lab.aws.iam.roles.all().find(({ name }) => name.endsWith(`-${suffix}`));
  if (role === undefined) throw new Error(`the applied state has no role that ends in -${suffix}`);
  return role;
}

/** Puts another policy in place of the role's own, and the old one back in the end. */
async function withPolicy<T>(role: Role, change: (text: string) => string, then: () => T | Promise<T>): Promise<T> {
  const [entry] = role.policies;
  if (entry === undefined) throw new Error(`role ${role.name} has no policy`);
  const [name, policy] = entry;
  const before = JSON.stringify(policy);
  const after = change(before);
  expect(after).not.toBe(before);
  role.policies.set(name, JSON.parse(after));
  try {
    return await then();
  } finally {
    role.policies.set(name, policy);
  }
}

describe("the applied module", () => {
  it.each(EXERCISES)("%s", (_, exercise) => exercise(exercised));
});

describe("the roles that the applied module made", () => {
  it("grant what is used and nothing else, but for the listed exceptions", () => {
    const made = report();
    process.stdout.write(`${printPrivileges(made)}\n`);

    expect(made.findings).toEqual([]);
    for (const { role, used } of made.roles) expect([role, used.length]).not.toEqual([role, 0]);
  });

  it("each have one trust, in a service and in nothing else", () => {
    for (const { name, trust } of exercised.lab.aws.iam.roles.all()) {
      const principals = JSON.stringify(trust).match(/"Principal":\{[^}]*\}/g);
      const service = name.endsWith("-schedule") ? "scheduler" : "lambda";
      expect([name, principals]).toEqual([name, [`"Principal":{"Service":"${service}.amazonaws.com"}`]]);
    }
  });
});

describe("the trusts", () => {
  const trusts = (suffix: string, context: Record<string, string>) => {
    const service = suffix === "schedule" ? "scheduler.amazonaws.com" : "lambda.amazonaws.com";
    return exercised.lab.aws.iam.trusts(roleOf(suffix).arn, service, "sts:AssumeRole", context);
  };
  const schedule = (account: string, group: string) => ({
    "aws:SourceAccount": account,
    "aws:SourceArn": `arn:aws:scheduler:eu-west-1:${account}:schedule-group/${group}`,
  });

  it("of the schedule fits the schedules of this account and group alone", async () => {
    expect(await trusts("schedule", schedule("123456789012", "default"))).toBe(true);
    expect(await trusts("schedule", schedule("123456789012", "other"))).toBe(false);
    expect(await trusts("schedule", schedule("999999999999", "default"))).toBe(false);
    expect(await trusts("schedule", {})).toBe(false);
  });

  it.each(["build", "dispatcher", "exec", "redeliver", "webhook"])(
    "of %s asks for nothing that Lambda is not known to send",
    async (suffix) => {
      expect(await trusts(suffix, {})).toBe(true);
    },
  );
});

describe("the report", () => {
  it.each([
    ["webhook", "sqs:SendMessage", "sqs:ReceiveMessage"],
    ["dispatcher", "lambda:GetMicrovm", "lambda:SuspendMicrovm"],
    ["exec", "logs:PutLogEvents", "logs:GetLogEvents"],
    ["build", "s3:GetObject", "s3:GetObjectVersion"],
    ["redeliver", "kms:Decrypt", "kms:Encrypt"],
  ])("finds an action too many in the role of %s", async (suffix, known, extra) => {
    const role = roleOf(suffix);
    const findings = await withPolicy(
      role,
      (text) => text.replace(/"Action":"([^"]+)"/g, '"Action":["$1"]').replace(`"${known}"`, `"${known}","${extra}"`),
      () => report().findings,
    );

    expect(findings.length).toBeGreaterThan(0);
    for (const finding of findings) {
      expect(finding).toMatchObject({ kind: "granted but not used", role: role.name, action: extra });
    }
  });

  it("finds a resource too many, a wildcard, and a grant of all but what is named", async () => {
    const role = roleOf("webhook");
    const { lab } = exercised;
    const grants: [string, string][] = [
      [`"sqs:SendMessage","Resource":"${lab.aws.queues.arn(`${prefixOf(lab)}-dead-letters`)}"`, "granted but not used"],
      ['"sqs:SendMessage","Resource":"*"', "wider than what is used"],
      [`"sqs:*","Resource":"${lab.aws.queues.arn(`${prefixOf(lab)}-jobs`)}"`, "wider than what is used"],
    ];
    for (const [grant, kind] of grants) {
      const add = (text: string) => text.replace('"Statement":[', `"Statement":[{"Effect":"Allow","Action":${grant}},`);
      const kinds = await withPolicy(role, add, () => report().findings.map((finding) => finding.kind));
      expect(kinds).toEqual([kind]);
    }
    const allBut = (text: string) =>
      text.replace('"Statement":[', '"Statement":[{"Effect":"Allow","NotAction":"iam:*","Resource":"*"},');
    const kinds = await withPolicy(role, allBut, () => report().findings.map((finding) => finding.kind));
    expect(kinds).toEqual(["wider than what is used"]);
  });

  it("finds a use of the key through a service that the role does not use it through", async () => {
    const role = roleOf("build");
    const through = (text: string) => text.replace('"s3.eu-west-1.amazonaws.com"', '"sqs.eu-west-1.amazonaws.com"');
    const found = await withPolicy(role, through, () => report().findings);
    expect(found).toMatchObject([
      { kind: "granted but not used", action: "kms:Decrypt", via: ["sqs.eu-west-1.amazonaws.com"] },
    ]);
  });

  it("finds an exception that is needed no more", () => {
    const stale = { role: "exec", action: "s3:GetObject", resource: /./, reason: "none" };
    const { findings } = reportPrivileges(exercised.lab.aws.iam, [...PRIVILEGE_EXCEPTIONS, stale]);
    expect(findings).toMatchObject([{ kind: "exception without a grant", action: "s3:GetObject" }]);
  });

  // The last of all, because IAM remembers the refused call.
  it("finds a grant that is missing, and the call is refused as in an account", async () => {
    const { lab } = exercised;
    const role = roleOf("webhook");
    const [delivery] = lab.github.deliveries.all().filter(({ action }) => action === "queued");
    if (delivery === undefined) throw new Error("GitHub kept no delivery");
    const { body } = delivery.request;

    const status = await withPolicy(
      role,
      (text) => text.replace("sqs:SendMessage", "sqs:GetQueueUrl"),
      async () => {
        const headers = deliveryHeaders(body, lab.webhookSecret);
        return (await fetch(lab.url, { method: "POST", headers, body })).status;
      },
    );

    expect(status).toBe(500);
    const queue = lab.aws.queues.arn(`${prefixOf(lab)}-jobs`);
    expect(report().findings).toEqual([
      { kind: "used but not granted", role: role.name, action: "sqs:SendMessage", resource: queue },
    ]);
  });
});
