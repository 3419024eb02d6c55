import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import type { AwsAccess } from "../../cli/aws/resolve-aws.ts";
import type { Finding } from "../../cli/core/finding.ts";
import type { CliOptions } from "../../cli/run-cli.ts";
import { createSqsQueue } from "../../dispatcher/aws/sqs-queue.ts";
import { createSignedFetch } from "../../dispatcher/aws/transport/signed-fetch.ts";
import { versionView } from "../../lab/aws/microvms/image.ts";
import { DEFAULT_PERMISSIONS } from "../../lab/github/apps.ts";
import type { Hook } from "../../lab/github/hooks.ts";
import { bundleCli } from "../../src/bundle/bundle-cli.ts";
import type { AppliedLab } from "../e2e/applied-lab.ts";
import { deployment, TOPIC } from "../e2e/deployment.ts";
import { reportPrivileges } from "../security/privileges.ts";
import { eventually } from "../support/eventually.ts";
import { documentedPolicy, READER, readerOf, runAgainst } from "./reader.ts";

let lab: AppliedLab;
let reader: AwsAccess;

beforeAll(() => {
  lab = deployment();
  lab.aws.topics.subscriptions.set(TOPIC, CONFIRMED);
  reader = readerOf(lab, documentedPolicy("doctor"));
});
const CONFIRMED = ["PendingConfirmation", `${TOPIC}:0b1c2d3e`];

/** Checks that are skipped in every account, because no call is made for them. */
const UNASKED = ["aws.oldest-message"];

async function findings(change: Partial<CliOptions> = {}, access = reader) {
  const { code, text } = await runAgainst(lab, access, ["doctor", "--json"], change);
  const document: { ok: boolean; findings: Finding[] } = JSON.parse(text);
  const named = (outcome: Finding["outcome"]) =>
    document.findings.filter((finding) => finding.outcome === outcome).map(({ check }) => check);
  return { code, ...document, failed: named("fail"), skipped: named("skip") };
}

function theHook(): Hook {
  const [hook] = lab.github.hooks();
  if (hook === undefined) throw new Error("Terraform made no webhook");
  return hook;
}

/** Builds a further version of the image, from where the code is said to be. */
async function rebuild(uri?: string): Promise<void> {
  const [image] = lab.aws.microvms.images.all();
  const version = image?.versions[0];
  if (image === undefined || version === undefined) throw new Error("Terraform made no image");
  const { settled } = await lab.aws.microvms.images.update(image.arn, {
    ...versionView(image, version),
    baseImageVersion: version.config.baseImageVersion,
    codeArtifact: { uri: uri ?? version.config.codeArtifactUri },
  });
  await settled;
}

describe("a deployment as it was applied", () => {
  it("passes every check, with the documented rights and no other", async () => {
    const result = await findings();

    expect(result.findings.filter(({ outcome }) => outcome === "fail")).toEqual([]);
    expect(result).toMatchObject({ code: 0, ok: true, skipped: UNASKED });
    expect(result.findings.length).toBeGreaterThan(UNASKED.length + 10);
  });

  it("is shown as a table of at most 80 columns", async () => {
    const { code, text } = await runAgainst(lab, reader, ["doctor"]);

    expect(code).toBe(0);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(text).toMatch(/^\d+ passed, 0 failed, 1 skipped\.$/m);
    expect(text).not.toMatch(/PRIVATE KEY|gh[a-z]_\w{10}/);
  });

  it("passes in the bundled file too, credentials and endpoint from the environment", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gha-microvm-"));
    try {
      const file = join(folder, "gha-microvm.cjs");
      await writeFile(file, await bundleCli());
      const { accessKeyId, secretAccessKey, sessionToken } = reader.credentials;
      const { stdout } = await promisify(execFile)(process.execPath, [file, "doctor", "--json"], {
        env: {
          AWS_REGION: reader.region,
          AWS_ACCESS_KEY_ID: accessKeyId,
          AWS_SECRET_ACCESS_KEY: secretAccessKey,
          ...(sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken }),
          AWS_ENDPOINT_URL: lab.aws.endpoint,
        },
      });
      expect(JSON.parse(stdout)).toMatchObject({ version: 1, namePrefix: "gha-microvm", ok: true });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

interface Breakage {
  what: string;
  /** Breaks it; the answer mends it. */
  break(): Promise<() => Promise<void> | void> | (() => Promise<void> | void);
  failed: string[];
  /** In the text of the first that fails, and in its fix. */
  text: RegExp;
  fix: RegExp;
  options?: () => Partial<CliOptions>;
}

const BREAKAGES: Breakage[] = [
  {
    what: "a topic to which nobody has confirmed a subscription",
    break() {
      lab.aws.topics.subscriptions.set(TOPIC, ["PendingConfirmation"]);
      return () => void lab.aws.topics.subscriptions.set(TOPIC, CONFIRMED);
    },
    failed: ["aws.alarm-actions"],
    text: /nobody has confirmed a subscription to arn:aws:sns:eu-west-1:123456789012:alerts/,
    fix: /aws sns subscribe/,
  },
  {
    what: "alarms without an action",
    break() {
      const kept = [...lab.aws.alarms.all.values()];
      for (const alarm of kept) lab.aws.alarms.all.set(alarm.name, { ...alarm, actions: [] });
      return () => {
        for (const alarm of kept) lab.aws.alarms.all.set(alarm.name, alarm);
      };
    },
    failed: ["aws.alarm-actions"],
    text: /nobody is told/,
    fix: /alarm_actions/,
  },
  {
    what: "an alarm that is on",
    break() {
      const alarm = lab.aws.alarms.all.get("gha-microvm-denied");
      if (alarm === undefined) throw new Error("Terraform made no alarm");
      lab.aws.alarms.all.set(alarm.name, { ...alarm, state: "ALARM" });
      return () => void lab.aws.alarms.all.set(alarm.name, alarm);
    },
    failed: ["aws.alarms"],
    text: /^denied$/,
    fix: /denied: run gha-microvm doctor/,
  },
  {
    what: "launches that somebody has paused",
    async break() {
      const person = readerOf(lab, documentedPolicy("pause"), "person-on-call");
      const paused = await runAgainst(lab, person, ["pause", "the", "image", "is", "broken"]);
      expect(paused).toMatchObject({ code: 0, text: expect.stringMatching(/^paused: jobs wait/) });
      return async () => {
        const resumed = await runAgainst(lab, person, ["resume", "--json"]);
        expect(JSON.parse(resumed.text)).toMatchObject({ version: 1, paused: false, by: null });
        expect((await runAgainst(lab, person, ["resume"])).text).toMatch(/^it was not paused/);
      };
    },
    failed: ["aws.paused"],
    text: /paused by assumed-role\/person-on-call\S* at \d{4}-\S+: the image is broken/,
    fix: /gha-microvm resume/,
  },
  {
    what: "a permission that was taken away",
    break() {
      const { administration: _, ...less } = DEFAULT_PERMISSIONS;
      lab.github.setPermissions(less);
      return () => lab.github.setPermissions(DEFAULT_PERMISSIONS);
    },
    failed: ["github.permissions"],
    text: /missing: administration: write/,
    fix: /Repository permissions, Administration: Read and write/,
  },
  {
    what: "an installation that is suspended",
    break() {
      lab.github.setSuspended(true);
      return () => lab.github.setSuspended(false);
    },
    failed: ["github.installation"],
    text: /suspended/,
    fix: /unsuspend/,
  },
  {
    what: "a key that GitHub does not take any more",
    break() {
      const kept = lab.github.app.publicKeys.splice(0);
      return () => void lab.github.app.publicKeys.push(...kept);
    },
    failed: ["github.app"],
    text: /refuses its key \(401/,
    fix: /private_key/,
  },
  {
    what: "a key that is none",
    break() {
      const kept = lab.aws.parameters.get("/gha-microvm/dispatcher");
      if (kept === undefined) throw new Error("Terraform made no parameter for the dispatcher");
      const secret = JSON.parse(kept.value);
      const value = JSON.stringify({ ...secret, github_app: { ...secret.github_app, private_key: "app.pem" } });
      lab.aws.parameters.put({ ...kept, value });
      return () => void lab.aws.parameters.put(kept);
    },
    failed: ["github.app"],
    text: /not an RSA private key in PEM form/,
    fix: /terraform apply/,
  },
  {
    what: "a webhook that is switched off",
    break() {
      theHook().active = false;
      return () => {
        theHook().active = true;
      };
    },
    failed: ["github.webhook"],
    text: /is switched off/,
    fix: /terraform apply/,
  },
  {
    what: "a webhook that leads elsewhere",
    break() {
      const hook = theHook();
      const { url } = hook;
      hook.url = "https://example.com/";
      return () => {
        hook.url = url;
      };
    },
    failed: ["github.webhook"],
    text: /leads to https:\/\/example\.com\//,
    fix: /terraform apply/,
  },
  {
    what: "a delivery that was lost",
    async break() {
      lab.github.deliveries.next("lose", { event: "workflow_job", action: "queued" });
      const job = lab.queueJob();
      await lab.github.deliveries.settled();
      return async () => {
        await lab.aws.scheduler.fire("gha-microvm-redeliver");
        await eventually(() => expect(lab.github.job(job.id)?.status).toBe("completed"));
        await lab.github.deliveries.settled();
      };
    },
    failed: ["github.deliveries"],
    text: /^1 of \d+ in the last 24 hours failed/,
    fix: /gha-microvm-webhook/,
  },
  {
    what: "an image whose update did not build",
    async break() {
      await rebuild("s3://no-such-bucket/image.zip");
      return () => rebuild();
    },
    failed: ["aws.image", "aws.image-build"],
    text: /UPDATE_FAILED/,
    fix: /terraform apply/,
  },
  {
    what: "a clock that is two minutes ahead",
    break: () => () => undefined,
    options: () => ({ now: () => new Date(Date.now() + 120_000) }),
    failed: ["clock.github", "clock.aws"],
    text: /(119|120|121) s ahead/,
    fix: /NTP/,
  },
  {
    what: "a dead letter",
    async break() {
      const name = "gha-microvm-dead-letters";
      const statement = { Effect: "Allow", Action: "sqs:SendMessage", Resource: lab.aws.queues.arn(name) };
      const { region, credentials } = readerOf(lab, { Version: "2012-10-17", Statement: [statement] }, "sender");
      const fetch = createSignedFetch({
        service: "sqs",
        region,
        credentials: () => credentials,
        endpoint: lab.aws.endpoint,
      });
      await createSqsQueue(fetch, lab.aws.queues.url(name)).send({
        type: "watch",
        jobId: 1,
        due: new Date().toISOString(),
      });
      return () => undefined;
    },
    failed: ["aws.dead-letters"],
    text: /^1 in gha-microvm-dead-letters/,
    fix: /aws logs tail \/aws\/lambda\/gha-microvm-dispatcher/,
  },
  {
    what: "one of the function URL's two permissions that is missing",
    break() {
      const arn = lab.aws.functions.arn("gha-microvm-webhook");
      const kept = lab.aws.iam.resourcePolicies.get(arn);
      if (kept === undefined) throw new Error("Terraform made no function URL");
      const Statement = [kept.Statement].flat().filter((each) => !JSON.stringify(each).includes("InvokedVia"));
      lab.aws.iam.resourcePolicies.set(arn, { ...kept, Statement });
      return () => void lab.aws.iam.resourcePolicies.set(arn, kept);
    },
    // The dead letter is still there.
    failed: ["aws.function-policy", "aws.dead-letters"],
    text: /lacks lambda:InvokeFunction$/,
    fix: /6\.29 or later/,
  },
  {
    what: "a memory quota in which no MicroVM fits",
    break() {
      lab.aws.quotas.set("L-CD1C0CC4", 8);
      return () => lab.aws.quotas.set("L-CD1C0CC4", 400);
    },
    failed: ["aws.dead-letters", "aws.quota-memory"],
    text: /dead-letters/,
    fix: /./,
  },
  {
    what: "a webhook that was deleted",
    break() {
      lab.github.deleteHook(theHook());
      return () => undefined;
    },
    // The dead letter is still there.
    failed: ["github.webhook", "aws.dead-letters"],
    text: /does not exist/,
    fix: /terraform apply creates it again/,
  },
];

describe("doctor", () => {
  it.each(BREAKAGES)("finds $what, and nothing else", async (breakage) => {
    const mend = await breakage.break();
    const result = await findings(breakage.options?.());
    await mend();

    expect(result.failed).toEqual(breakage.failed);
    expect(result.code).toBe(1);
    const [first] = result.findings.filter(({ outcome }) => outcome === "fail");
    expect(first?.text).toMatch(breakage.text);
    expect(first?.fix).toMatch(breakage.fix);
  });

  it("reads the App's key where it is kept, with the caller's rights", async () => {
    const kept = lab.aws.parameters.get("/gha-microvm/dispatcher");
    if (kept === undefined) throw new Error("Terraform made no parameter for the dispatcher");
    const secret = lab.aws.secrets.create("github-app", lab.github.app.privateKey);
    const { github_app: app, ...rest } = JSON.parse(kept.value);
    const github_app = { ...app, private_key: null, secretsmanager_secret_arn: secret.arn };
    lab.aws.parameters.put({ ...kept, value: JSON.stringify({ ...rest, github_app }) });
    const policy = documentedPolicy("doctor");
    const without = await findings({}, readerOf(lab, policy, "reader-without-secret"));
    const read = { Sid: "Key", Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: secret.arn };
    policy.Statement.push(read);
    const with_ = await findings({}, readerOf(lab, policy, "reader-with-secret"));
    lab.aws.parameters.put(kept);

    expect(without.skipped.filter((check) => check.startsWith("github."))).toHaveLength(6);
    expect(without.findings.find(({ check }) => check === "github.app")?.text).toContain(
      "secretsmanager:GetSecretValue",
    );
    // The webhook is gone by now, and its deliveries with it.
    expect(with_.skipped.filter((check) => check.startsWith("github."))).toEqual(["github.deliveries"]);
  });

  it("skips the App's checks when the key may not be read, and says why", async () => {
    const policy = documentedPolicy("doctor");
    policy.Statement = policy.Statement.filter(({ Sid }) => Sid !== "ReadTheAppsKey");
    const result = await findings({}, readerOf(lab, policy, "reader-without-key"));

    expect(result.failed).toEqual(["aws.dead-letters"]);
    expect(result.skipped.filter((check) => check.startsWith("github."))).toHaveLength(6);
    const [app] = result.findings.filter(({ check }) => check === "github.app");
    expect(app?.text).toContain("ssm:GetParameter");
  });

  it.each<[string, string[], Record<string, unknown>, RegExp]>([
    ["an unknown option", ["doctor", "--nonsense"], {}, /--nonsense/],
    ["an unknown command", ["dctor"], {}, /no command dctor/],
    ["an argument too many", ["doctor", "now"], {}, /no argument/],
    ["no command", [], {}, /gha-microvm doctor/],
    [
      "a name that no deployment has",
      ["doctor", "--name-prefix", "gha-other"],
      { Action: "lambda:*", Resource: "*" },
      /no function gha-other-dispatcher/,
    ],
    ["no right to look at all", ["doctor"], { Action: "sqs:*", Resource: "*" }, /lambda:GetFunctionConfiguration/],
  ])("answers 2 to %s", async (_, args, rights, text) => {
    const statement = { Effect: "Allow", Action: "lambda:GetFunctionConfiguration", Resource: "*", ...rights };
    const access = readerOf(lab, { Version: "2012-10-17", Statement: [statement] }, "somebody");
    const result = await runAgainst(lab, access, args);

    expect(result.code).toBe(2);
    expect(result.text.replaceAll(/\s+/g, " ")).toMatch(text);
  });

  it("prints its help", async () => {
    const { code, text } = await runAgainst(lab, reader, ["--help"]);
    expect(code).toBe(0);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

it("uses each right that the documentation names", () => {
  const wildcard = {
    role: "reader",
    resource: /:microvm-image:gha-microvm-runner-\*$/,
    reason: "the image's name ends in letters that Terraform drew",
  };
  const ofReader = reportPrivileges(lab.aws.iam, [
    { ...wildcard, action: "lambda:GetMicrovmImage" },
    { ...wildcard, action: "lambda:GetMicrovmImageVersion" },
    { ...wildcard, action: "lambda:ListMicrovmImageBuilds" },
    {
      ...{ role: "reader", action: "cloudwatch:DescribeAlarms", resource: /:alarm:\*$/ },
      reason: "alarms are listed by a prefix, which takes the right on all",
    },
  ]).findings.filter(({ role }) => role === READER);
  expect(ofReader).toEqual([]);
});
