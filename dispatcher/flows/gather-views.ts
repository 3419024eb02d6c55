import { type JobRecord, type Launch, latestLaunch } from "../core/job.ts";
import { turnOf } from "../core/plan-watch.ts";
import { isRunning, type LaunchView, type WatchKnowledge } from "../core/standing.ts";
import { type Owed, secondsSince } from "../core/supply.ts";
import type { DeploymentState, JobView } from "../core/views.ts";
import { DispatcherError, ThrottledError } from "../errors.ts";
import type { DispatcherDeps, FlowContext } from "./deps.ts";
import { placeOfJob, placeOfRunner } from "./runner-place.ts";

interface Gathered {
  job: WatchKnowledge["job"];
  views: Map<number, LaunchView>;
  /** How long GitHub asked us to leave it alone. */
  notBeforeSeconds: number;
}

/** Asks GitHub and the service about one job and its launches, as far as deliveries have not told. */
export async function gatherViews(
  deps: DispatcherDeps,
  context: FlowContext,
  record: JobRecord,
  { owed, deployment }: Pick<WatchKnowledge, "owed" | "deployment">,
): Promise<Gathered> {
  const gathered: Gathered = { job: "unknown", views: new Map(), notBeforeSeconds: 0 };
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
  const told = toldOf(deps, record, owed, deployment);
  gathered.job =
    told.job ??
    (await ask(async () => (await (await deps.github()).getJob(placeOfJob(deps, record), record.jobId)) ?? "gone"));
  for (const launch of record.launches) {
    const { microvmId } = launch;
    if (launch.state !== "running" || microvmId === undefined) continue;
    const microvm = await ask(async () => (await deps.microvms.get(microvmId)) ?? "gone");
    const toldSeconds = told.secondsOf(launch);
    const runner =
      toldSeconds > 0 || isRunning(gathered.job, launch)
        ? { id: launch.runnerId ?? 0, name: launch.runnerName, status: "online" as const, busy: true }
        : await ask(
            async () =>
              (await (await deps.github()).findRunner(placeOfRunner(deps, record, launch), launch.runnerName)) ??
              "absent",
          );
    gathered.views.set(launch.number, { microvm, runner, ...(toldSeconds > 0 ? { toldSeconds } : {}) });
  }
  return gathered;
}

/**
 * What a delivery said is taken for true for so long after the launch; then it is asked for, in case others were lost.
 */
const TOLD_SECONDS = 240;

// What deliveries have told and need not be asked for: that the job is over, or, for a while, who has which job.
function toldOf(deps: DispatcherDeps, record: JobRecord, owed: Owed, deployment: DeploymentState) {
  const now = deps.clock.now();
  const fresh = secondsSince(latestLaunch(record)?.launchedAt, now) < TOLD_SECONDS;
  const idle = record.launches.every((launch) => launch.state === "ended");
  const waits = idle && turnOf(record, deployment, now).kind === "wait";
  return {
    job: jobToldOf(record, { fresh, idle, waits, owed }, deps.environment.RUNNER_NAME_PREFIX),
    // Each launch by its own age: that a successor is young says nothing about a runner that took a job long ago.
    secondsOf: (launch: Launch) =>
      launch.ranJobId === undefined ? 0 : Math.ceil(TOLD_SECONDS - secondsSince(launch.launchedAt, now)),
  };
}

function jobToldOf(
  record: JobRecord,
  { fresh, idle, waits, owed }: { fresh: boolean; idle: boolean; waits: boolean; owed: Owed },
  prefix: string,
): JobView | undefined {
  const { conclusion, servedBy } = record;
  if (conclusion !== undefined) return { status: "completed", conclusion, runnerName: null };
  if (servedBy !== undefined) {
    // With nothing of its own left there is nothing to find out.
    const running = { status: "in_progress" as const, conclusion: null, runnerName: `${prefix}-${servedBy}` };
    return fresh || idle ? running : undefined;
  }
  const waiting = { status: "queued" as const, conclusion: null, runnerName: null };
  // GitHub is asked when its turn has come.
  if (waits) return waiting;
  // Until the runner that it is owed has had its chance it is taken to wait for it.
  return owed.kind === "supply" && (fresh || idle) ? waiting : undefined;
}
