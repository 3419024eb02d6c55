import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createDynamodbHold, createDynamodbReleases } from "../../dispatcher/aws/dynamodb-refresh.ts";
import type { Image } from "../../lab/aws/microvms/image.ts";
import { stateOf } from "../../lab/aws/microvms/machine.ts";
import type { Refusal } from "../../lab/github/broker.ts";
import type { Job } from "../../lab/github/jobs.ts";
import runnerData from "../../microvm/runner.json" with { type: "json" };
import { TABLE, tableOf } from "../cli/lab-jobs.ts";
import { eventually } from "../support/eventually.ts";
import { type AppliedLab, applyLab, machinesOf, untilSettled } from "./applied-lab.ts";

const DISPATCHER = "gha-microvm-dispatcher";
const REFRESH = "gha-microvm-refresh";
const [FIRST, SECOND, THIRD, FOURTH] = [runnerData.runner.version, "2.340.0", "2.341.0", "2.342.0"] as const;
const SHA256 = "a".repeat(64);
const HOUR_MS = 3_600_000;

/** What MicroVMs that boot from now on find in their environment. */
const environment: Record<string, string> = {};
let lab: AppliedLab;
/** How many lines of each function were there when the test began. */
let before: Record<string, number>;
beforeAll(async () => {
  lab = await applyLab({ guests: { environment } });
});
afterAll(() => lab?.stop());
beforeEach(() => {
  before = { [DISPATCHER]: lab.aws.functions.output(DISPATCHER).length };
  for (const name of Object.keys(environment)) delete environment[name];
});

function image(): Image {
  const [only] = lab.aws.microvms.images.all();
  if (only === undefined) throw new Error("there is no image");
  return only;
}

const logged = (event: string, of = DISPATCHER) =>
  lab.aws.functions
    .output(of)
    .slice(before[of] ?? 0)
    .filter((line) => line.includes(`"event":"${event}"`));
/** How many MicroVMs of each version of the image were launched for these jobs. */
function launched(...jobs: Job[]): Record<string, number> {
  const versions = jobs.flatMap((job) => machinesOf(lab, job).map(({ version }) => version.version));
  return Object.fromEntries(
    [...new Set(versions)].map((each) => [each, versions.filter((one) => one === each).length]),
  );
}

/**
 * GitHub gives a runner to whichever job waits longest: of jobs that wait together one may be launched for once more.
 */
function expectNoneWasted(count: number | undefined, jobs: number): void {
  expect(count).toBeGreaterThanOrEqual(jobs);
  expect(count).toBeLessThanOrEqual(jobs + 1);
}

/** GitHub gives no job any more to one release, and offers another. */
function refuse(version: string, how: Refusal, offered: string): void {
  const { releases } = lab.github;
  releases.refusedFrom.set(version, new Date(Date.now() - 1_000)).set(offered, null);
  releases.offered = { version: offered, sha256: SHA256 };
  lab.github.refuseRunner(version, how);
}

async function askGitHub(): Promise<void> {
  expect(await lab.aws.scheduler.fire("gha-microvm-redeliver")).toBe("invoked");
}

/** As six hours later, when GitHub is asked again whatever happened. */
async function letHoursPass(): Promise<void> {
  await createDynamodbReleases(tableOf(lab), TABLE).update((known) => ({
    ...known,
    checkedMs: known.checkedMs - 6 * HOUR_MS,
  }));
}

/** As ten minutes later, when the next launch may try. */
async function letProbeCome(): Promise<void> {
  await createDynamodbHold(tableOf(lab), TABLE).update((hold) => ({ ...hold, probedMs: hold.probedMs - HOUR_MS / 6 }));
}

async function rebuild(): Promise<void> {
  const { length } = image().versions;
  expect(await lab.aws.scheduler.fire(REFRESH)).toBe("invoked");
  expect(image().versions).toHaveLength(length + 1);
  await eventually(() => expect(image().state).toBe("UPDATED"));
  expect(await lab.aws.scheduler.fire(REFRESH)).toBe("invoked");
}

async function untilDone(jobs: readonly Job[]): Promise<void> {
  for (const job of jobs) {
    await untilSettled(lab, job);
    expect(job.conclusion).toBe("success");
  }
}

it("serves all jobs after the build that a runner's exit code 7 leads to, and wastes two MicroVMs", async () => {
  refuse(FIRST, "told", SECOND);
  const first = lab.queueJob();
  await eventually(() => expect(logged("runner.refused")).toHaveLength(1));
  expect(logged("runner.refused_once")).toHaveLength(1);
  const others = [lab.queueJob(), lab.queueJob()];
  await eventually(() => expect(logged("message.waiting").length).toBeGreaterThanOrEqual(3));

  await askGitHub();
  await rebuild();

  await untilDone([first, ...others]);
  const { "1.0": wasted, "2.0": served, ...rest } = launched(first, ...others);
  expect([wasted, rest]).toEqual([2, {}]);
  expectNoneWasted(served, 3);
  expect(lab.aws.functions.output(REFRESH).join()).toMatch(/refresh\.rescued/);
});

it("serves a job after the build that GitHub's date leads to, where its runner was online and was told nothing", async () => {
  environment.GHA_JOB_WAIT_SECONDS = "2";
  refuse(SECOND, "silent", THIRD);
  const job = lab.queueJob();
  await eventually(() => expect(machinesOf(lab, job).map(stateOf)).toEqual(["TERMINATED"]));
  delete environment.GHA_JOB_WAIT_SECONDS;

  await letHoursPass();
  await askGitHub();
  await rebuild();

  await untilDone([job]);
  expect(launched(job)).toEqual({ "2.0": 1, "3.0": 1 });
  expect(logged("runner.refused")).toEqual([]);
});

it("serves all jobs with the next launch that tries, where refresh only watches and somebody applies a newer runner", async () => {
  await lab.terraform.write({
    "watch_override.tf": 'module "gha_runner" {\n  image_refresh = { mode = "watch" }\n}\n',
  });
  await lab.terraform.apply();
  // An old listener knows no exit code for it.
  environment.STAND_IN_RUNNER = "refused:1";
  refuse(THIRD, "told", FOURTH);
  await letHoursPass();
  await askGitHub();
  const first = lab.queueJob();
  await eventually(() => expect(logged("runner.refused")).toHaveLength(1));
  const others = [lab.queueJob(), lab.queueJob()];
  await eventually(() => expect(logged("message.waiting").length).toBeGreaterThanOrEqual(3));

  expect(await lab.aws.scheduler.fire(REFRESH)).toBe("invoked");
  expect(lab.aws.functions.output(REFRESH).join()).toMatch(/refresh\.due/);
  expect(image().versions).toHaveLength(3);
  delete environment.STAND_IN_RUNNER;
  await lab.terraform.write({
    "watch_override.tf": `module "gha_runner" {\n  runner_version = "${FOURTH}"\n  runner_sha256 = "${SHA256}"\n}\n`,
  });
  await lab.terraform.apply();
  await letProbeCome();

  await untilDone([first, ...others]);
  const { "3.0": wasted, "4.0": served, ...rest } = launched(first, ...others);
  expect([wasted, rest]).toEqual([1, {}]);
  expectNoneWasted(served, 3);
  expect(logged("runner.accepted")).toHaveLength(1);
  expect(lab.aws.iam.decisions().filter(({ allowed }) => !allowed)).toEqual([]);
  lab.github.assertFaithful();
});
