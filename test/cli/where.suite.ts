import { beforeAll, expect, it } from "vitest";
import type { AwsAccess } from "../../cli/aws/resolve-aws.ts";
import type { Conclusion } from "../../cli/core/job-evidence.ts";
import { newRecord } from "../../dispatcher/core/job.ts";
import { type AppliedLab, LABELS, untilSettled } from "../e2e/applied-lab.ts";
import { deployment, OPEN } from "../e2e/deployment.ts";
import { createTestClient } from "../lab/github/support/client.ts";
import { reportPrivileges } from "../security/privileges.ts";
import { eventually } from "../support/eventually.ts";
import { holdLaunches, storeRecord, unheardOf, urlOf } from "./lab-jobs.ts";
import { documentedPolicy, readerOf, runAgainst } from "./reader.ts";

/** Its own, so that what it uses is told apart. */
const ROLE = "where-reader";

let lab: AppliedLab;
let reader: AwsAccess;

beforeAll(() => {
  lab = deployment();
  reader = readerOf(lab, documentedPolicy("where"), ROLE);
});

interface Answer {
  code: number;
  text: string;
  conclusion: Conclusion;
  launches: { state: string }[];
  microvm: { id: string; text: string } | null;
}

async function where(address: string, change: Parameters<typeof runAgainst>[3] = {}, access = reader): Promise<Answer> {
  const { code, text } = await runAgainst(lab, access, ["where", address, "--json"], change);
  expect(text).not.toMatch(/runHookPayload|jitConfig|PRIVATE KEY|gh[a-z]_\w{10}/);
  return { code, text, ...JSON.parse(text) };
}

it("follows a job that is launched, runs, and is over", async () => {
  const gate = Promise.withResolvers<undefined>();
  const open = lab.aws.gateway.onCall({ operation: "RunMicrovm" }, () => gate.promise);
  const job = lab.queueJob({ durationMs: 60_000 });

  const launching = await eventually(async () => {
    const answer = await where(urlOf(lab, job));
    expect(answer.launches).toMatchObject([{ state: "registered" }]);
    return answer;
  });
  expect(launching).toMatchObject({ code: 3, conclusion: { outcome: "waiting" } });
  expect(launching.conclusion.text).toContain("RunMicrovm is being called");

  open();
  gate.resolve(undefined);
  const running = await eventually(async () => {
    const answer = await where(urlOf(lab, job));
    expect(answer.conclusion.outcome).toBe("running");
    return answer;
  });
  expect(running).toMatchObject({ code: 0, microvm: { text: "RUNNING" } });
  expect(running.conclusion.text).toBe(`it runs on gha-microvm-${job.id}-1`);

  lab.github.cancelJob(job.id);
  await untilSettled(lab, job);
  const over = await where(urlOf(lab, job));
  expect(over).toMatchObject({ code: 0, conclusion: { outcome: "over", text: "the job is over: cancelled" } });
  expect(over.microvm?.text).toMatch(/^TERMINATED/);
  // The table remembers the repository of a bare id.
  expect(await where(String(job.id))).toMatchObject({ code: 0, conclusion: { outcome: "over" } });
});

it("waits for a delivery at first, and then says that none came", async () => {
  const job = unheardOf(lab);

  expect(await where(urlOf(lab, job))).toMatchObject({ code: 3, conclusion: { outcome: "waiting" } });
  const late = await where(urlOf(lab, job), { now: () => new Date(Date.now() + 600_000) });
  expect(late).toMatchObject({ code: 1, conclusion: { outcome: "attention" } });
  expect(late.conclusion.next).toContain("doctor");
  lab.github.cancelJob(job.id);
});

it("names the labels for which a job is refused", async () => {
  const job = lab.queueJob({ labels: [...LABELS, "gpu"] });
  await lab.github.deliveries.settled();

  const answer = await where(urlOf(lab, job));
  expect(answer).toMatchObject({ code: 1, conclusion: { text: "its labels are not served: no runner has gpu" } });
  lab.github.cancelJob(job.id);
});

it("tells a fork's pull request that is refused", async () => {
  const job = lab.queueJob({ repository: OPEN.repository, headRepository: OPEN.fork });
  await eventually(() =>
    expect(lab.aws.functions.output("gha-microvm-dispatcher").join("\n")).toMatch(
      new RegExp(`"fork".*"jobId":${job.id}|"jobId":${job.id}.*"fork"`),
    ),
  );

  const answer = await where(urlOf(lab, job));
  expect(answer).toMatchObject({ code: 1, conclusion: { outcome: "attention" } });
  expect(answer.conclusion.text).toContain("fork's pull request");
  lab.github.cancelJob(job.id);
});

it("tells a job for which the dispatcher has given up", async () => {
  const job = unheardOf(lab);
  const record = newRecord({ jobId: job.id, runId: job.run.id, repository: "my-org/shop", labels: LABELS }, new Date());
  await storeRecord(lab, {
    ...record,
    version: 1,
    launches: Array.from({ length: 4 }, (_, index) => ({
      number: index + 1,
      state: "ended" as const,
      microvmId: `microvm-${index + 1}`,
      runnerName: `gha-microvm-${job.id}-${index + 1}`,
      claimedAt: record.createdAt,
      endedAt: record.createdAt,
      endReason: "no runner",
    })),
  });

  const answer = await where(urlOf(lab, job));
  expect(answer).toMatchObject({ code: 1, conclusion: { outcome: "attention" } });
  expect(answer.conclusion.text).toContain("4 MicroVMs died one after the other");

  const policy = documentedPolicy("where");
  policy.Statement = policy.Statement.filter(({ Sid }) => Sid !== "ReadTheAppsKey");
  const keyless = readerOf(lab, policy, "reader-without-key");
  const alone = await where(urlOf(lab, job), {}, keyless);
  expect(alone.conclusion.text).toMatch(/^by the record alone/);
  const { token } = await createTestClient(lab.github).auth({
    type: "installation",
    installationId: lab.github.installationId,
    permissions: { actions: "read" },
  });
  const environment = { AWS_ENDPOINT_URL: lab.aws.endpoint, GITHUB_TOKEN: token };
  expect((await where(urlOf(lab, job), { environment }, keyless)).conclusion.text).toMatch(/^4 MicroVMs/);
  lab.github.cancelJob(job.id);
});

it("tells a job that is held because GitHub refuses the runner", async () => {
  const job = unheardOf(lab);
  const letGo = await holdLaunches(lab, "1.0");

  const answer = await where(urlOf(lab, job));
  expect(answer.conclusion.text).toContain("GitHub refuses the runner of version 1.0");
  await letGo();
  lab.github.cancelJob(job.id);
});

it("says so when nobody knows the job", async () => {
  const { host } = new URL(lab.github.apiUrl);
  const answer = await where(`http://${host}/my-org/shop/actions/runs/1/job/1`);
  expect(answer).toMatchObject({ code: 3, conclusion: { outcome: "unknown" } });
  expect(await where("1")).toMatchObject({ code: 3, conclusion: { outcome: "unknown" } });
});

it.each([
  ["no job", ["where"], /where takes one job/],
  ["no job's URL", ["where", "https://github.com/my-org"], /where takes one job/],
  ["two jobs", ["where", "1", "2"], /where takes one job/],
  ["a job of another GitHub", ["where", "https://else.example.com/a/b/actions/runs/1/job/2"], /else\.example\.com/],
])("answers 2 to %s", async (_, args, text) => {
  const result = await runAgainst(lab, reader, args);
  expect(result.code).toBe(2);
  expect(result.text).toMatch(text);
});

it("uses each right that the documentation names", () => {
  const ofReader = reportPrivileges(lab.aws.iam, [
    {
      role: "reader",
      action: "lambda:GetMicrovm",
      resource: /:microvm-image:gha-microvm-runner-\*$/,
      reason: "the image's name ends in letters that Terraform drew",
    },
  ]).findings.filter(({ role }) => role === ROLE);
  expect(ofReader).toEqual([]);
});
