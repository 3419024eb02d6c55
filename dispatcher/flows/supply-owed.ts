import { type JobRecord, latestLaunch } from "../core/job.ts";
import { carries } from "../core/scope.ts";
import { isToCome, type Owed, owedBy } from "../core/supply.ts";
import type { DispatcherDeps } from "./deps.ts";

/** So much of a chain of swaps is read in one look; the record keeps the place for the next. */
const SWAPS_A_LOOK = 200;
/** No chain of different jobs is as long within the life of their records: this one runs in a circle. */
const MAX_SWAPS = 100_000;

/**
 * Follows the swaps from a job whose runner was given another: that job's own launch is owed to the first, and if its
 * runner was given a third, then the third's, and so on, to the end of the chain. A runner that lacks labels of this
 * job makes up for nothing.
 */
export async function supplyOwed(deps: DispatcherDeps, record: JobRecord): Promise<Owed> {
  const seen = new Set([record.jobId]);
  let { jobId, swaps } = record.owedPlace ?? { jobId: latestLaunch(record)?.ranJobId, swaps: 0 };
  for (let count = 0; count < SWAPS_A_LOOK; count++) {
    if (jobId === undefined || seen.has(jobId) || swaps >= MAX_SWAPS) return { kind: "none" };
    seen.add(jobId);
    const other = await deps.jobs.get(jobId);
    const launch = other && latestLaunch(other);
    if (launch && isToCome(launch, deps.clock.now())) {
      const { labels = deps.environment.RUNNER_LABELS } = launch;
      return carries(labels, record.labels) ? owedBy(launch, deps.clock.now()) : { kind: "none" };
    }
    jobId = launch?.ranJobId;
    swaps += 1;
  }
  return jobId === undefined ? { kind: "none" } : { kind: "unknown", place: { jobId, swaps } };
}
