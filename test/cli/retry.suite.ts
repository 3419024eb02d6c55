import { beforeAll, expect, it } from "vitest";
import type { AwsAccess } from "../../cli/aws/resolve-aws.ts";
import { newRecord } from "../../dispatcher/core/job.ts";
import { type AppliedLab, LABELS, untilSettled } from "../e2e/applied-lab.ts";
import { deployment, OPEN } from "../e2e/deployment.ts";
import { reportPrivileges } from "../security/privileges.ts";
import { storeRecord, unheardOf, urlOf } from "./lab-jobs.ts";
import { documentedPolicy, readerOf, runAgainst } from "./reader.ts";

/** Its own, so that what it uses is told apart. */
const ROLE = "retry-reader";

let lab: AppliedLab;
let reader: AwsAccess;

beforeAll(() => {
  lab = deployment();
  reader = readerOf(lab, documentedPolicy("retry"), ROLE);
});

const retry = (address: string, access = reader) => runAgainst(lab, access, ["retry", address]);

it("a job that was given nothing is served at once, long before its next turn", async () => {
  const job = unheardOf(lab);
  const at = new Date().toISOString();
  const record = newRecord(
    { jobId: job.id, runId: job.run.id, repository: "my-org/shop", labels: LABELS, deliveryId: "lost" },
    new Date(),
  );
  await storeRecord(lab, {
    ...record,
    version: 1,
    launches: Array.from({ length: 6 }, (_, index) => ({
      ...{ number: index + 1, state: "ended" as const, runnerName: `gha-microvm-${job.id}-${index + 1}` },
      ...{ microvmId: `microvm-${index + 1}`, claimedAt: at, launchedAt: at, idleAt: at, endedAt: at },
      endReason: "runner exited",
    })),
  });

  const { code, text } = await retry(urlOf(lab, job));

  expect(text).toMatch(
    /^sent, job \d+ of my-org\/shop: launch 7 begins as soon as rate, quota and max_concurrency allow \(retry-[-\da-f]{36}\)\n$/,
  );
  expect(code).toBe(0);
  await untilSettled(lab, job);
  expect(job).toMatchObject({ conclusion: "success", runner: { name: `gha-microvm-${job.id}-7` } });
  expect(await retry(String(job.id))).toEqual({
    code: 1,
    text: `not retried, job ${job.id} of my-org/shop: the job is over: success: nothing to do\n`,
  });
});

it("a job of which the dispatcher never heard is served", async () => {
  const job = unheardOf(lab);
  const { code, text } = await runAgainst(lab, reader, ["retry", urlOf(lab, job), "--json"]);
  expect(JSON.parse(text)).toMatchObject({ version: 1, jobId: job.id, repository: "my-org/shop", sent: true });
  expect(code).toBe(0);
  await untilSettled(lab, job);
  expect(job.runner?.name).toBe(`gha-microvm-${job.id}-1`);
});

it("a fork's pull request stays refused, and nothing is sent", async () => {
  const job = unheardOf(lab, { repository: OPEN.repository, headRepository: OPEN.fork });
  const { code, text } = await runAgainst(lab, reader, ["retry", urlOf(lab, job), "--json"]);
  expect(JSON.parse(text)).toMatchObject({ sent: false, deliveryId: null, exitCode: 1 });
  expect(text).toContain("a fork's pull request to a public repository: refused");
  expect(code).toBe(1);
  lab.github.cancelJob(job.id);
});

it("a job that nobody knows is not retried", async () => {
  const { host } = new URL(lab.github.apiUrl);
  const { code, text } = await retry(`http://${host}/my-org/shop/actions/runs/1/job/1`);
  expect(code).toBe(1);
  expect(text).toMatch(/^not retried, job 1 of my-org\/shop: GitHub knows no such job/);
  expect(await retry("1")).toMatchObject({ code: 2, text: expect.stringContaining("a bare id does not name") });
});

it("who may only look is told which right is missing", async () => {
  const job = unheardOf(lab);
  const { code, text } = await retry(urlOf(lab, job), readerOf(lab, documentedPolicy("where"), "looker"));
  expect(code).toBe(2);
  expect(text.replaceAll("\n", " ")).toMatch(/sqs:SendMessage/);
  lab.github.cancelJob(job.id);
});

it.each([
  ["no job", ["retry"]],
  ["two jobs", ["retry", "1", "2"]],
])("answers 2 to %s", async (_, args) => {
  expect(await runAgainst(lab, reader, args)).toMatchObject({
    code: 2,
    text: expect.stringContaining("takes one job"),
  });
});

it("what its MicroVMs cost, and how long jobs waited, is told by repository", async () => {
  const person = readerOf(lab, documentedPolicy("cost"), "person-who-pays");
  const { code, text } = await runAgainst(lab, person, ["cost", "--days", "1", "--json"]);
  expect(code).toBe(0);
  const { rows, pricesOf } = JSON.parse(text);
  // No price of the lab's Region is known.
  expect(pricesOf).toBeNull();
  const row = rows.find(({ repository }: { repository: string }) => repository === "my-org/shop");
  expect(row).toMatchObject({ class: "default" });
  expect(row.launches).toBeGreaterThan(0);
  expect((await runAgainst(lab, person, ["cost"])).text).toMatch(/^Repository[\s\S]*\nmy-org\/shop [\s\S]*No price/);
  expect((await runAgainst(lab, person, ["cost", "--days", "0"])).code).toBe(2);
});

it("uses each right that the documentation names", () => {
  const ofReader = reportPrivileges(lab.aws.iam, [
    {
      role: "reader",
      action: "lambda:GetMicrovm",
      resource: /:microvm-image:gha-microvm-runner-\*$/,
      reason: "the image's name ends in letters that Terraform drew",
    },
    {
      role: "reader",
      action: "lambda:GetFunctionConfiguration",
      resource: /:function:gha-microvm-refresh$/,
      reason: "read only while launches are held",
    },
  ]).findings.filter(({ role }) => role === ROLE);
  expect(ofReader).toEqual([]);
});
