import { JOB_EXHAUSTED, logEvent } from "../../contract/events.ts";
import type { WatchMessage } from "../../contract/messages.ts";
import { heldByAnother, type JobRecord, type Launch, latestLaunch, nextVersion, withLaunch } from "../core/job.ts";
import { isRunning, type LaunchView, planWatch, type WatchAction, type WatchKnowledge } from "../core/plan-watch.ts";
import { type Owed, secondsSince } from "../core/supply.ts";
import { DispatcherError, RecordChangedError, ThrottledError } from "../errors.ts";
import type { JobView } from "../ports.ts";
import { type DispatcherDeps, type FlowContext, type FlowResult, repositoryOf } from "./deps.ts";
import { endLaunch } from "./end-launch.ts";
import { resendWatch, scheduleWatch } from "./schedule-watch.ts";
import { supplyOwed } from "./supply-owed.ts";

/**
 * Looks at one job, its runners and its MicroVMs, and puts right what is not: a job without a runner, a MicroVM without a
 * job. Ends when the job is not queued any more and nothing of it is left.
 */
export async function watchJob(deps: DispatcherDeps, context: FlowContext, message: WatchMessage): Promise<FlowResult> {
  const record = await deps.jobs.get(message.jobId);
  if (record === undefined) return { kind: "done" };
  if (heldByAnother(record, context.holder, deps.clock.now())) return { kind: "again", seconds: 10 };
  if (record.watchDue !== message.due) {
    // A stray copy. One that comes back after a failure may have been the last of its chain.
    if (context.retried) await resendWatch(deps, record);
    return { kind: "done" };
  }
  const owed = record.conclusion === undefined ? await supplyOwed(deps, record) : { kind: "none" as const };
  const gathered = await gather(deps, context, record, owed);
  const { job, views } = gathered;
  const decision = planWatch({ record, job, views, owed, now: deps.clock.now() });
  let current: JobRecord | undefined = record;
  for (const action of decision.actions) {
    if (current) current = await act(deps, context, current, action);
  }
  if (decision.againSeconds !== undefined) {
    await scheduleWatch(deps, message.jobId, Math.max(decision.againSeconds, gathered.notBeforeSeconds));
  } else {
    context.log.info("job.watched", { launches: record.launches.length });
  }
  return { kind: "done" };
}

interface Gathered {
  job: WatchKnowledge["job"];
  views: Map<number, LaunchView>;
  /** How long GitHub asked us to leave it alone. */
  notBeforeSeconds: number;
}

async function gather(deps: DispatcherDeps, context: FlowContext, record: JobRecord, owed: Owed): Promise<Gathered> {
  const gathered: Gathered = { job: "unknown", views: new Map(), notBeforeSeconds: 0 };
  const where = repositoryOf(record);
  const ask = async <T>(question: () => Promise<T>): Promise<T | "unknown"> => {
    try {
      return await question();
    } catch (error: unknown) {
      if (!(error instanceof DispatcherError)) throw error;
      context.log.warn("job.view_unknown", { error: error.name, message: error.message });
      const seconds = error instanceof ThrottledError ? (error.retryAfterSeconds ?? 0) : 0;
      gathered.notBeforeSeconds = Math.max(gathered.notBeforeSeconds, seconds);
      return "unknown";
    }
  };
  const told = toldOf(deps, record, owed);
  gathered.job =
    told.job ?? (await ask(async () => (await (await deps.github()).getJob(where, record.jobId)) ?? "gone"));
  for (const launch of record.launches) {
    const { microvmId } = launch;
    if (launch.state !== "running" || microvmId === undefined) continue;
    const microvm = await ask(async () => (await deps.microvms.get(microvmId)) ?? "gone");
    const runner =
      told.isBusy(launch) || isRunning(gathered.job, launch)
        ? { id: launch.runnerId ?? 0, name: launch.runnerName, status: "online" as const, busy: true }
        : await ask(async () => (await (await deps.github()).findRunner(where, launch.runnerName)) ?? "absent");
    gathered.views.set(launch.number, { microvm, runner });
  }
  return gathered;
}

/** What a delivery said is taken for true for so long after the launch; then it is asked for, in case others were lost. */
const TOLD_SECONDS = 240;

// What deliveries have told and need not be asked for: that the job is over, or, for a while, who has which job.
function toldOf(deps: DispatcherDeps, record: JobRecord, owed: Owed) {
  const fresh = secondsSince(latestLaunch(record)?.launchedAt, deps.clock.now()) < TOLD_SECONDS;
  return {
    job: jobToldOf(record, fresh, owed, deps.environment.RUNNER_NAME_PREFIX),
    isBusy: (launch: Launch) => fresh && launch.ranJobId !== undefined,
  };
}

function jobToldOf(record: JobRecord, fresh: boolean, owed: Owed, prefix: string): JobView | undefined {
  const { conclusion, servedBy } = record;
  if (conclusion !== undefined) return { status: "completed", conclusion, runnerName: null };
  const idle = record.launches.every((launch) => launch.state === "ended");
  if (servedBy !== undefined) {
    // With nothing of its own left there is nothing to find out.
    const running = { status: "in_progress" as const, conclusion: null, runnerName: `${prefix}-${servedBy}` };
    return fresh || idle ? running : undefined;
  }
  // Until the runner that it is owed has had its chance it is taken to wait for it.
  const waiting = { status: "queued" as const, conclusion: null, runnerName: null };
  return owed.kind === "supply" && (fresh || idle) ? waiting : undefined;
}

async function act(
  deps: DispatcherDeps,
  context: FlowContext,
  record: JobRecord,
  action: WatchAction,
): Promise<JobRecord | undefined> {
  switch (action.kind) {
    case "conclude":
      return store(deps, { ...record, conclusion: action.conclusion });
    case "note-swap":
      context.log.info("job.swapped", { launchNumber: action.launchNumber });
      return store(deps, withSwap(deps, record, action.launchNumber));
    case "end": {
      const ended = await endLaunch(deps, context, record, action.launchNumber, action.reason);
      const launch = ended?.launches.find((candidate) => candidate.number === action.launchNumber);
      // GitHub says that it is busy: with another job, then, since this one waits.
      if (ended === undefined || launch?.state === "ended" || launch?.swappedAt !== undefined) return ended;
      return store(deps, withSwap(deps, ended, action.launchNumber));
    }
    case "relaunch":
      context.log.warn("job.relaunched", { reason: action.reason, launches: record.launches.length });
      await deps.queue.send(launchMessageOf(record));
      return record;
    case "give-up":
      logEvent(context.log, JOB_EXHAUSTED, { launches: record.launches.length });
      return record;
  }
}

function withSwap(deps: DispatcherDeps, record: JobRecord, number: number): JobRecord {
  return withLaunch(record, number, (launch) => ({ ...launch, swappedAt: deps.clock.now().toISOString() }));
}

function launchMessageOf(record: JobRecord) {
  const { jobId, runId, repository, labels, deliveryId, installationId, isPublic } = record;
  return {
    ...{ type: "launch" as const, jobId, runId, repository, labels, deliveryId },
    ...(installationId === undefined ? {} : { installationId }),
    ...(isPublic === undefined ? {} : { isPublic }),
  };
}

async function store(deps: DispatcherDeps, record: JobRecord): Promise<JobRecord | undefined> {
  const next = nextVersion(record);
  if (await deps.jobs.put(next)) return next;
  // Somebody else moved the job on: what was decided may not hold any more. The message comes again and looks anew.
  throw new RecordChangedError("the job's record changed while it was watched", { details: { jobId: record.jobId } });
}
