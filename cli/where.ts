import { functionName } from "../contract/names.ts";
import { type JobRecord, latestLaunch, launchIdOf } from "../dispatcher/core/job.ts";
import { type DeployedImage, imagesOf, launchScopeOf, type RunnerClass } from "../dispatcher/core/runner-classes.ts";
import { isHolding } from "../dispatcher/core/runner-hold.ts";
import { launchIdOfRunner, parseLaunchId } from "../dispatcher/core/runner-name.ts";
import { chooseClass, type Scope } from "../dispatcher/core/scope.ts";
import { DispatcherError } from "../dispatcher/errors.ts";
import { readAppAccess } from "./app-key.ts";
import type { AwsReader } from "./aws/aws-reader.ts";
import type { Deployment } from "./aws/find-deployment.ts";
import { readClasses } from "./aws/read-classes.ts";
import { type JobAddress, webHostOf } from "./core/job-address.ts";
import type { HeldLaunches, JobEvidence, JobLaunch, Unknown } from "./core/job-evidence.ts";
import { asInstallation, readInstallation } from "./github/app-access.ts";
import { type AskGitHub, askWithToken } from "./github/ask-github.ts";
import { type FoundRun, readJob, readRun } from "./github/read-job.ts";
import { UsageError } from "./usage-error.ts";

export interface WhereOptions {
  aws: AwsReader;
  deployment: Deployment;
  githubToken: string | undefined;
}

/** Finds out everything about one job, without changing anything. */
export async function investigate(options: WhereOptions, address: JobAddress): Promise<JobEvidence> {
  const { aws, deployment } = options;
  const { settings } = deployment;
  const host = webHostOf(settings.GH_API_URL);
  if (address.host !== undefined && address.host !== host) {
    throw new UsageError(`the job is on ${address.host}, but the deployment serves ${host}: check --name-prefix`);
  }
  const { jobId } = address;
  const record = await required(() => aws.job(settings.TABLE_NAME, jobId));
  const repository = address.repository ?? record?.repository;
  const classes = await required(() => readClasses(aws, settings));
  const scope = launchScopeOf(settings, classes);
  const { github, runId, refusedFork } = await askGitHub(options, { scope, repository, jobId, record });
  const runnerName = typeof github === "object" && "status" in github ? (github.runnerName ?? "") : "";
  const queue = await attempt(() => aws.queue(settings.QUEUE_URL));
  const labels = typeof github === "object" && "labels" in github ? github.labels : record?.labels;
  const runnerClass = classOf(scope, { repository, runId: runId ?? record?.runId, labels });
  const image = imagesOf(settings, classes).find(({ name }) => name === runnerClass?.image);
  const held = await findHold(options, image);
  const deadLetterUrl = "unknown" in queue ? undefined : queue.deadLetterUrl;
  return {
    jobId,
    repository,
    scope,
    ...(runnerClass === undefined ? {} : { runnerClass }),
    maxConcurrency: settings.MAX_CONCURRENCY,
    github,
    ...(runId === undefined ? {} : { runId }),
    refusedFork,
    record,
    launch: await findLaunch(options, record, launchIdOfRunner(settings.RUNNER_NAME_PREFIX, runnerName)),
    ...(held === undefined ? {} : { held }),
    queue,
    deadLetters:
      deadLetterUrl === undefined
        ? { unknown: "the jobs queue does not tell its name" }
        : await attempt(() => aws.queue(deadLetterUrl)),
  };
}

// What cannot be read is not known to be held: the record says how far the job is all the same.
async function findHold(
  { aws, deployment }: WhereOptions,
  image: Pick<DeployedImage, "name" | "isBuilt"> | undefined,
): Promise<HeldLaunches | undefined> {
  const read = await attempt(() => aws.runner(deployment.settings.TABLE_NAME, image?.name));
  if ("unknown" in read || read.hold.imageVersion === undefined || !isHolding(read.hold)) return undefined;
  const { imageVersion } = read.hold;
  const { build, versions } = read.state;
  const runner = versions[imageVersion]?.runner;
  const environment = await attempt(() => aws.functionEnvironment(functionName(deployment.prefix, "refresh")));
  const version = build?.version === undefined ? {} : { imageVersion: build.version };
  return {
    imageVersion,
    ...(runner === undefined ? {} : { runner }),
    ...(build === undefined ? {} : { build: { ...version, since: new Date(build.startedMs) } }),
    builds: image?.isBuilt ?? (!("unknown" in environment) && environment.MODE === "auto"),
  };
}

interface Asked {
  scope: Scope<RunnerClass>;
  repository: string | undefined;
  jobId: number;
  record: JobRecord | undefined;
}

function classOf(
  scope: Scope<RunnerClass>,
  job: { repository: string | undefined; runId: number | undefined; labels: readonly string[] | undefined },
): RunnerClass | undefined {
  const { repository, runId = 0, labels } = job;
  if (repository === undefined || labels === undefined) return undefined;
  const chosen = chooseClass(scope, { repository, runId, labels });
  return typeof chosen === "string" ? undefined : chosen.class;
}

async function askGitHub(
  options: WhereOptions,
  { scope, repository, jobId, record }: Asked,
): Promise<Pick<JobEvidence, "github" | "runId" | "refusedFork">> {
  if (repository === undefined)
    return { github: { unknown: "a bare id does not name the repository" }, refusedFork: false };
  const ask = await waysToAsk(options);
  if ("unknown" in ask) return { github: ask, refusedFork: false };
  const found = await readJob(ask.ask, repository, jobId);
  if (found === "gone" || "unknown" in found) return { github: found, refusedFork: false };
  // Without a record the dispatcher may have refused it; the run tells what the dispatcher saw.
  const served = classOf(scope, { repository, runId: found.runId, labels: found.job.labels });
  const mayBeRefused = record === undefined && served?.allowForkPullRequests === false;
  const refusedFork = mayBeRefused && isPublicForks(await readRun(ask.ask, repository, found.runId));
  return { github: found.job, runId: found.runId, refusedFork };
}

/** Whether a run is a fork's pull request to a public repository; false when GitHub does not say. */
export function isPublicForks(run: FoundRun | Unknown): boolean {
  return "isPublic" in run && run.isPublic && run.isForksPullRequest;
}

/** How GitHub is asked: with the caller's token, or else as the App. */
export async function waysToAsk({ aws, deployment, githubToken }: WhereOptions): Promise<{ ask: AskGitHub } | Unknown> {
  const { settings } = deployment;
  if (githubToken !== undefined) return { ask: askWithToken(settings.GH_API_URL, githubToken) };
  const access = await readAppAccess(aws, settings);
  if (!("value" in access)) return { unknown: `no GITHUB_TOKEN, and ${"skip" in access ? access.skip : access.fail}` };
  const installation = await readInstallation(access.value);
  const ask = await asInstallation(access.value, installation, { actions: "read" });
  return "value" in ask ? { ask: ask.value } : { unknown: "skip" in ask ? ask.skip : ask.fail };
}

// The launch whose runner has the job, which may have been made for another, or else the last one made for it.
async function findLaunch(
  { aws, deployment: { settings } }: WhereOptions,
  record: JobRecord | undefined,
  ofRunner: string | undefined,
): Promise<JobLaunch | undefined> {
  const own = record === undefined ? undefined : latestLaunch(record);
  const id = ofRunner ?? record?.servedBy ?? (record && own && launchIdOf(record.jobId, own.number));
  const parsed = id === undefined ? undefined : parseLaunchId(id);
  if (id === undefined || parsed === undefined) return undefined;
  const holder =
    parsed.jobId === record?.jobId ? record : await required(() => aws.job(settings.TABLE_NAME, parsed.jobId));
  const launch = holder?.launches.find(({ number }) => number === parsed.launchNumber);
  if (launch === undefined) return undefined;
  const { microvmId } = launch;
  if (microvmId === undefined) return { id, launch };
  return { id, launch, microvm: await attempt(async () => (await aws.microvm(microvmId)) ?? "gone") };
}

async function attempt<T>(read: () => Promise<T>): Promise<T | Unknown> {
  try {
    return await read();
  } catch (error: unknown) {
    if (!(error instanceof DispatcherError)) throw error;
    return { unknown: error.message };
  }
}

/** Without the record nothing can be said. */
async function required<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error: unknown) {
    throw error instanceof DispatcherError ? new UsageError(error.message) : error;
  }
}
