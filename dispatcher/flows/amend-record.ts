import { heldByAnother, type JobRecord } from "../core/job.ts";
import type { DispatcherDeps, FlowContext, FlowResult } from "./deps.ts";
import { JobSession } from "./job-session.ts";

/** How long to wait for a worker that is moving the job on. */
const HELD_SECONDS = 5;

/**
 * Writes what has become known about a job into its record, once no other worker holds it; an unknown job is passed
 * over.
 */
export async function amendRecord(
  deps: DispatcherDeps,
  context: FlowContext,
  jobId: number,
  change: (record: JobRecord) => JobRecord,
): Promise<FlowResult> {
  const session = await JobSession.open(deps, context, jobId);
  let held = false;
  const unlessHeld = (record: JobRecord): JobRecord => {
    held = heldByAnother(record, context.holder, deps.clock.now());
    return held ? record : change(record);
  };
  await session.change(unlessHeld, { onConflict: "retry" });
  return held ? { kind: "again", seconds: HELD_SECONDS } : { kind: "done" };
}
