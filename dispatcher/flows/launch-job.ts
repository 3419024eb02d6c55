import { JOB_EXHAUSTED, logEvent } from "../../contract/events.ts";
import type { LaunchMessage } from "../../contract/messages.ts";
import { RunPayloadError } from "../../contract/run-payload.ts";
import { isForksPullRequest } from "../core/fork.ts";
import { type JobRecord, latestLaunch, launchIdOf, released, withLaunch } from "../core/job.ts";
import { type LaunchKnowledge, planLaunch } from "../core/plan-launch.ts";
import { outOfScope, scopeOf } from "../core/scope.ts";
import { DispatcherError, RunnerExistsError, ThrottledError, TransientError } from "../errors.ts";
import type { JobView, RegisteredRunner, RunMicrovmInput } from "../ports.ts";
import { admitLaunch, yieldToOthers } from "./admit-launch.ts";
import { buildRunInput } from "./build-run-input.ts";
import { type DispatcherDeps, type FlowContext, type FlowResult, repositoryOf } from "./deps.ts";
import { endLaunch, launchOf } from "./end-launch.ts";
import { ensureWatch, FIRST_WATCH_SECONDS, resendWatch } from "./schedule-watch.ts";
import { storeRecord } from "./store-record.ts";

/** More steps than any path through the plan has: reaching it is a defect, not a long job. */
const MAX_STEPS = 20;

interface Attempt {
  deps: DispatcherDeps;
  context: FlowContext;
  message: LaunchMessage;
}

/**
 * Gives a queued job its MicroVM: claim, register, store what RunMicrovm will be called with, call it, record the MicroVM.
 * Each step is written before the next is taken, so the message can be handled again from wherever an attempt ended.
 */
export async function launchJob(
  deps: DispatcherDeps,
  context: FlowContext,
  message: LaunchMessage,
): Promise<FlowResult> {
  const outside = outOfScope(scopeOf(deps.environment), message);
  if (outside) {
    context.log.warn("job.refused", { reason: outside });
    return { kind: "done" };
  }
  try {
    return await advance({ deps, context, message });
  } catch (error: unknown) {
    // The next attempt need not wait for the lease of one that is over. Should this fail too, the lease ends by itself.
    await releaseClaim(deps, context, message.jobId).catch(() => undefined);
    throw error;
  }
}

// Asked before anything is done for the job, and not again once a launch shows that it was answered.
async function isRefusedAsFork(
  deps: DispatcherDeps,
  message: LaunchMessage,
  record: JobRecord | undefined,
): Promise<boolean> {
  if (!message.isPublic || deps.environment.ALLOW_FORK_PULL_REQUESTS) return false;
  if (record !== undefined && (record.launches.length > 0 || record.conclusion !== undefined)) return false;
  const origin = await (await deps.github()).getRunOrigin(repositoryOf(message), message.runId);
  return isForksPullRequest(origin, message.repository);
}

async function advance(attempt: Attempt): Promise<FlowResult> {
  const { deps, context, message } = attempt;
  let record = await deps.jobs.get(message.jobId);
  if (await isRefusedAsFork(deps, message, record)) {
    context.log.warn("job.refused", { reason: "fork" });
    return { kind: "done" };
  }
  let job: JobView | "gone" | "unknown" | undefined;
  let admitted = false;
  for (let count = 0; count < MAX_STEPS; count++) {
    const step = planLaunch({ ...knowledge(attempt, record, job), admitted });
    switch (step.kind) {
      case "done":
        reportDone(context, step.reason, record);
        if (record && isWatchable(record)) await ensureWatch(deps, record, context.retried);
        return { kind: "done" };
      case "wait":
        return { kind: "again", seconds: step.seconds };
      case "check-job":
        job = await askGitHub(attempt);
        break;
      case "write":
        if (await deps.jobs.put(step.record)) {
          if (step.record.launches.length > (record?.launches.length ?? 0)) {
            context.log.info("launch.claimed", { launchNumber: step.record.launches.length });
          }
          record = step.record;
        } else record = await deps.jobs.get(message.jobId);
        break;
      case "admit": {
        const wait = await admitLaunch(deps, context, required(record), step.launchNumber);
        if (wait) return wait;
        admitted = true;
        break;
      }
      case "register":
        record = await register(attempt, required(record), step.launchNumber);
        break;
      case "run":
        record = await runMicrovm(attempt, required(record), step.launchNumber);
        break;
      case "abandon":
        record = await endLaunch(deps, context, required(record), step.launchNumber, "job over");
        // Its runner was given another job meanwhile: the watch ends it after that.
        if (record && isRunning(record, step.launchNumber)) admitted = false;
        break;
    }
  }
  throw new TransientError("the job's record kept changing under this attempt", { details: { steps: MAX_STEPS } });
}

// Only of a claim is it certain that RunMicrovm was not called under it.
async function releaseClaim(deps: DispatcherDeps, context: FlowContext, jobId: number): Promise<void> {
  const record = await deps.jobs.get(jobId);
  if (record?.lease?.holder !== context.holder || latestLaunch(record)?.state !== "claimed") return;
  await storeRecord(deps, released(record, context.holder));
}

function knowledge(
  attempt: Attempt,
  record: JobRecord | undefined,
  job: LaunchKnowledge["job"],
): Omit<LaunchKnowledge, "admitted"> {
  const { deps, context, message } = attempt;
  return {
    record,
    message,
    ...(job === undefined ? {} : { job }),
    now: deps.clock.now(),
    lease: { holder: context.holder, until: context.deadline.toISOString() },
    runnerNamePrefix: deps.environment.RUNNER_NAME_PREFIX,
  };
}

function reportDone(context: FlowContext, reason: string, record: JobRecord | undefined): void {
  const launches = record?.launches.length ?? 0;
  if (reason === "exhausted") logEvent(context.log, JOB_EXHAUSTED, { launches }, { reason });
  else context.log.info("job.settled", { reason, launches });
}

// A job that is over, or that never got as far as a MicroVM, has nothing that could outlive it.
function isWatchable(record: JobRecord): boolean {
  return record.launches.some((launch) => launch.state === "running") || record.conclusion === undefined;
}

async function askGitHub({ deps, context, message }: Attempt): Promise<JobView | "gone" | "unknown"> {
  try {
    const github = await deps.github();
    return (await github.getJob(repositoryOf(message), message.jobId)) ?? "gone";
  } catch (error: unknown) {
    if (!(error instanceof DispatcherError)) throw error;
    context.log.warn("job.view_unknown", { error: error.name, message: error.message });
    return "unknown";
  }
}

async function register(attempt: Attempt, record: JobRecord, number: number): Promise<JobRecord | undefined> {
  const { deps, context } = attempt;
  const { runnerName } = launchOf(record, number);
  const launchId = launchIdOf(record.jobId, number);
  const finishSecret = (await deps.secret()).webhook_secrets[0] ?? "";
  const { runnerId, encodedJitConfig } = await registerRunner(attempt, record, runnerName);
  context.log.info("runner.registered", { launchId, runnerId });
  const { environment, region } = deps;
  const now = deps.clock.now();
  try {
    const runInput = buildRunInput({ environment, region, launchId, runnerName, encodedJitConfig, finishSecret, now });
    return await storeRecord(
      deps,
      withLaunch(record, number, (old) => ({ ...old, state: "registered", runnerId, runInput })),
    );
  } catch (error: unknown) {
    if (error instanceof RunPayloadError) await (await deps.github()).removeRunner(repositoryOf(record), runnerId);
    throw error;
  }
}

// The name being taken means that an earlier attempt registered it and died before it could store the configuration,
// which GitHub shows only once: that registration is of no use to anybody.
async function registerRunner(
  { deps, context }: Attempt,
  record: JobRecord,
  runnerName: string,
): Promise<RegisteredRunner> {
  const github = await deps.github();
  const where = repositoryOf(record);
  const runner = { name: runnerName, labels: deps.environment.RUNNER_LABELS };
  try {
    return await github.registerRunner(where, runner);
  } catch (error: unknown) {
    if (!(error instanceof RunnerExistsError)) throw error;
    const stale = await github.findRunner(where, runnerName);
    if (stale) await github.removeRunner(where, stale.id);
    context.log.warn("runner.replaced", { runnerName, runnerId: stale?.id ?? null });
    return github.registerRunner(where, runner);
  }
}

async function runMicrovm(
  { deps, context }: Attempt,
  record: JobRecord,
  number: number,
): Promise<JobRecord | undefined> {
  const { runInput } = launchOf(record, number);
  if (runInput === undefined) throw new TransientError("a registered launch has no input for RunMicrovm");
  const log = context.log.with({ launchId: launchIdOf(record.jobId, number) });
  const microvm = await deps.microvms.run(runInput).catch(async (error: unknown) => {
    if (error instanceof DispatcherError) await settleFailedRun({ deps, context }, record, number, error);
    throw error;
  });
  // Should the writing fail, the lease stays, and whoever takes over calls RunMicrovm again to learn the id.
  log.info("microvm.launched", { microvmId: microvm.microvmId, imageVersion: microvm.imageVersion });
  const now = deps.clock.now();
  const watchDue = new Date(now.getTime() + FIRST_WATCH_SECONDS * 1_000).toISOString();
  const running = await storeRecord(
    deps,
    withLaunch({ ...released(record, context.holder), watchDue }, number, ({ runInput: _, ambiguous: __, ...old }) => ({
      ...old,
      state: "running",
      microvmId: microvm.microvmId,
      launchedAt: now.toISOString(),
    })),
  );
  if (running?.watchDue === watchDue) await resendWatch(deps, running);
  return running;
}

// Throttled: the registration is kept for the next attempt, unless its input names a version that is pinned no more and may
// be gone for good; a MicroVM that exists all the same finds no registration and ends. No answer: a MicroVM may exist, and
// only the same call again can tell. Refused: nothing was started, so nothing may stay registered.
async function settleFailedRun(
  { deps, context }: Pick<Attempt, "deps" | "context">,
  record: JobRecord,
  number: number,
  error: DispatcherError,
): Promise<void> {
  const { ambiguous, runInput } = launchOf(record, number);
  if (error instanceof TransientError) {
    await storeRecord(
      deps,
      withLaunch(released(record, context.holder), number, (old) => ({ ...old, ambiguous: true })),
    );
  } else if ((error instanceof ThrottledError || ambiguous) && !isOutdated(deps, runInput, error)) {
    await yieldToOthers(deps, error);
    await storeRecord(deps, released(record, context.holder));
  } else {
    await endLaunch(deps, context, record, number, error.name);
  }
}

function isOutdated(
  { environment }: DispatcherDeps,
  runInput: RunMicrovmInput | undefined,
  error: DispatcherError,
): boolean {
  const isImage = error instanceof ThrottledError && error.reason === "image";
  return isImage && runInput?.imageVersion !== undefined && runInput.imageVersion !== environment.IMAGE_VERSION;
}

function isRunning(record: JobRecord, number: number): boolean {
  return record.launches.some((launch) => launch.number === number && launch.state === "running");
}

function required(record: JobRecord | undefined): JobRecord {
  if (record === undefined) throw new TransientError("the job's record vanished");
  return record;
}
