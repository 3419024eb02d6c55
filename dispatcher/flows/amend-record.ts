import { heldByAnother, type JobRecord, nextVersion } from "../core/job.ts";
import { RecordChangedError } from "../errors.ts";
import type { DispatcherDeps, FlowContext, FlowResult } from "./deps.ts";

const MAX_TRIES = 5;
/** How long to wait for a worker that is moving the job on. */
const HELD_SECONDS = 5;

/** Writes what has become known about a job into its record, once no other worker holds it; an unknown job is passed over. */
export async function amendRecord(
  deps: DispatcherDeps,
  context: FlowContext,
  jobId: number,
  change: (record: JobRecord) => JobRecord,
): Promise<FlowResult> {
  for (let count = 0; count < MAX_TRIES; count++) {
    const record = await deps.jobs.get(jobId);
    if (record === undefined) return { kind: "done" };
    if (heldByAnother(record, context.holder, deps.clock.now())) return { kind: "again", seconds: HELD_SECONDS };
    const changed = change(record);
    if (changed === record || (await deps.jobs.put(nextVersion(changed)))) return { kind: "done" };
  }
  throw new RecordChangedError("the job's record kept changing under this attempt", { details: { jobId } });
}
