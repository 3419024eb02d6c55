import type { LaunchMessage } from "../contract.ts";
import { RunPayloadError } from "../contract-codec.ts";
import { type JobRecord, launchIdOf, nextVersion, released, withLaunch } from "../core/job.ts";
import { type LaunchKnowledge, planLaunch } from "../core/plan-launch.ts";
import { parseLaunchId } from "../core/runner-name.ts";
import { outOfScope, scopeOf } from "../core/scope.ts";
import { DispatcherError, RunnerExistsError, ThrottledError, TransientError } from "../errors.ts";
import type { JobView, RegisteredRunner } from "../ports.ts";
import { buildRunInput } from "./build-run-input.ts";
import { type DispatcherDeps, type FlowContext, type FlowResult, repositoryOf } from "./deps.ts";
import { endLaunch, launchOf } from "./end-launch.ts";
import { ensureWatch, FIRST_WATCH_SECONDS, resendWatch } from "./schedule-watch.ts";

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
  const attempt: Attempt = { deps, context, message };
  let record = await deps.jobs.get(message.jobId);
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
        const wait = await admit(attempt, required(record), step.launchNumber);
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
  const fields = { reason, launches: record?.launches.length ?? 0 };
  if (reason === "exhausted") context.log.error("job.exhausted", fields);
  else context.log.info("job.settled", fields);
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
    return await store(
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
  const running = await store(
    deps,
    withLaunch({ ...released(record), watchDue }, number, ({ runInput: _, ambiguous: __, ...old }) => ({
      ...old,
      state: "running",
      microvmId: microvm.microvmId,
      launchedAt: now.toISOString(),
    })),
  );
  if (running?.watchDue === watchDue) await resendWatch(deps, running);
  return running;
}

// Throttled: the registration is kept for the next attempt. No answer: a MicroVM may exist, and only the same call again
// can tell. Refused: nothing was started, so nothing may stay registered.
async function settleFailedRun(
  { deps, context }: Pick<Attempt, "deps" | "context">,
  record: JobRecord,
  number: number,
  error: DispatcherError,
): Promise<void> {
  const { ambiguous } = launchOf(record, number);
  if (error instanceof TransientError) {
    await store(
      deps,
      withLaunch(released(record), number, (old) => ({ ...old, ambiguous: true })),
    );
  } else if (error instanceof ThrottledError || ambiguous) {
    await yieldToOthers(deps, error);
    await store(deps, released(record));
  } else {
    await endLaunch(deps, context, record, number, error.name);
  }
}

/** How long nobody calls RunMicrovm after it was refused for want of room. */
const NO_ROOM_SECONDS = 20;

async function yieldToOthers(deps: DispatcherDeps, error: DispatcherError): Promise<void> {
  if (!(error instanceof ThrottledError)) return;
  const now = deps.clock.now();
  if (error.reason === "rate") await deps.pace.slowDown(now);
  else await deps.pace.block(new Date(now.getTime() + (error.retryAfterSeconds ?? NO_ROOM_SECONDS) * 1_000));
}

/** A moment so near is waited for; for a later one the message goes back to the queue. */
const NEAR_MS = 2_000;
/** How long a launch waits for another to give up its place, and up to half as long more. */
const FULL_SECONDS = 40;

// Gets the launch a place among those that may run and the moment for its call. Returns what becomes of the message when
// it has to wait, and undefined when the moment has come.
async function admit(attempt: Attempt, record: JobRecord, number: number): Promise<FlowResult | undefined> {
  const { deps, context } = attempt;
  const launchId = launchIdOf(record.jobId, number);
  const limit = deps.environment.MAX_CONCURRENCY;
  if (limit > 0 && !(await acquire(deps, launchId, limit))) {
    context.log.info("launch.waiting", { launchId, reason: "max_concurrency" });
    await putOff(deps, record, number, deps.clock.now());
    return { kind: "again", seconds: FULL_SECONDS };
  }
  const now = deps.clock.now();
  const { slotAt } = launchOf(record, number);
  const slot = await deps.pace.admit(now, slotAt === undefined ? undefined : new Date(slotAt));
  const waitMs = slot.getTime() - now.getTime();
  if (waitMs <= NEAR_MS) {
    await deps.sleep(Math.max(0, waitMs));
    return undefined;
  }
  context.log.info("launch.waiting", { launchId, reason: "rate", seconds: Math.ceil(waitMs / 1_000) });
  await putOff(deps, record, number, slot);
  return { kind: "again", seconds: Math.floor(waitMs / 1_000), exactly: true };
}

async function putOff(deps: DispatcherDeps, record: JobRecord, number: number, slot: Date): Promise<void> {
  await store(
    deps,
    withLaunch(released(record), number, (launch) => ({ ...launch, slotAt: slot.toISOString() })),
  );
}

// A place whose launch has ended, or whose record the table forgot, was not given back by whoever should have.
async function acquire(deps: DispatcherDeps, launchId: string, limit: number): Promise<boolean> {
  if (await deps.capacity.acquire(launchId, limit)) return true;
  const holders = await deps.capacity.holders();
  // Each attempt looks at others of them, so that all are looked at in time.
  const first = Math.floor(deps.clock.now().getTime() / 1_000) % Math.max(1, holders.length);
  for (const holder of [...holders.slice(first), ...holders].slice(0, PLACES_LOOKED_AT)) {
    const id = parseLaunchId(holder);
    const record = id && (await deps.jobs.get(id.jobId));
    const launch = record?.launches.find((candidate) => candidate.number === id?.launchNumber);
    if (launch === undefined || launch.state === "ended") await deps.capacity.release(holder);
  }
  return deps.capacity.acquire(launchId, limit);
}

/** Bounds what one waiting launch reads. */
const PLACES_LOOKED_AT = 3;

async function store(deps: DispatcherDeps, record: JobRecord): Promise<JobRecord | undefined> {
  const next = nextVersion(record);
  return (await deps.jobs.put(next)) ? next : deps.jobs.get(record.jobId);
}

function isRunning(record: JobRecord, number: number): boolean {
  return record.launches.some((launch) => launch.number === number && launch.state === "running");
}

function required(record: JobRecord | undefined): JobRecord {
  if (record === undefined) throw new TransientError("the job's record vanished");
  return record;
}
