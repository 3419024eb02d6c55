import { type JobRecord, latestLaunch } from "../core/job.ts";
import { isToCome, type Owed, owedBy } from "../core/supply.ts";
import type { DispatcherDeps } from "./deps.ts";

/** Bounds a chain of swaps; a longer one is not known to end. */
const MAX_SWAPS = 20;

/**
 * Follows the swaps from a job whose runner was given another: that job's own launch is owed to the first, and if its runner
 * was given a third, then the third's, and so on.
 */
export async function supplyOwed(deps: DispatcherDeps, record: JobRecord): Promise<Owed> {
  let launch = latestLaunch(record);
  for (let count = 0; count < MAX_SWAPS; count++) {
    const ranJobId = launch?.ranJobId;
    if (ranJobId === undefined || ranJobId === record.jobId) return { kind: "none" };
    const other = await deps.jobs.get(ranJobId);
    launch = other && latestLaunch(other);
    if (launch && isToCome(launch, deps.clock.now())) return owedBy(launch, deps.clock.now());
  }
  return { kind: "unknown" };
}
