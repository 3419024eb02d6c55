import { type JobRecord, type Launch, launchIdOf, nextVersion, released, withLaunch } from "../core/job.ts";
import { TransientError } from "../errors.ts";
import { type DispatcherDeps, type FlowContext, repositoryOf } from "./deps.ts";

/**
 * Ends a launch whose runner must not take a job any more, or has: removes the registration first, and terminates the
 * MicroVM only if GitHub let it go, so a runner that was given a job in this very moment keeps its MicroVM. Returns the
 * record as it is then; the launch in it is `ended`, or untouched when its runner is busy.
 */
export async function endLaunch(
  deps: DispatcherDeps,
  context: FlowContext,
  record: JobRecord,
  number: number,
  reason: string,
): Promise<JobRecord | undefined> {
  const launch = launchOf(record, number);
  const log = context.log.with({ launchId: launchIdOf(record.jobId, number) });
  const github = await deps.github();
  const where = repositoryOf(record);
  const runnerId = launch.runnerId ?? (await github.findRunner(where, launch.runnerName))?.id;
  if (runnerId !== undefined && (await github.removeRunner(where, runnerId)) === "busy") {
    log.info("launch.busy", { runnerId });
    return record;
  }
  return terminateLaunch(deps, context, record, number, reason);
}

/** Terminates a launch's MicroVM and records the end; for a launch whose runner is known to be done. */
export async function terminateLaunch(
  deps: DispatcherDeps,
  context: FlowContext,
  record: JobRecord,
  number: number,
  reason: string,
): Promise<JobRecord | undefined> {
  const launch = launchOf(record, number);
  if (launch.microvmId !== undefined) await deps.microvms.terminate(launch.microvmId);
  const endedAt = deps.clock.now();
  const next = nextVersion(
    withLaunch(released(record, context.holder), number, ({ runInput: _, ...old }) => ({
      ...old,
      state: "ended",
      endedAt: endedAt.toISOString(),
      endReason: reason,
    })),
  );
  if (!(await deps.jobs.put(next))) return deps.jobs.get(record.jobId);
  if (deps.environment.MAX_CONCURRENCY > 0) await deps.capacity.release(launchIdOf(record.jobId, number));
  context.log.info("launch.ended", {
    launchId: launchIdOf(record.jobId, number),
    microvmId: launch.microvmId ?? null,
    reason,
    seconds: launch.launchedAt ? (endedAt.getTime() - new Date(launch.launchedAt).getTime()) / 1_000 : 0,
  });
  return next;
}

/** The launch of that number. */
export function launchOf(record: JobRecord, number: number): Launch {
  const launch = record.launches.find((candidate) => candidate.number === number);
  if (launch === undefined) throw new TransientError("the job's record has no such launch", { details: { number } });
  return launch;
}
