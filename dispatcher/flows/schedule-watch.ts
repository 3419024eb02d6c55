import type { JobRecord } from "../core/job.ts";
import { nextVersion } from "../core/job.ts";
import { TransientError } from "../errors.ts";
import type { DispatcherDeps } from "./deps.ts";

/** The first look at a launch: by then its runner is usually online and often done. */
export const FIRST_WATCH_SECONDS = 90;

const MAX_TRIES = 10;
/** A watch that is overdue by so much is taken to be lost. */
const OVERDUE_SECONDS = 300;

/**
 * Sends the job's next watch message. The record says which one counts, so copies cost nothing; it is written first, and a
 * message that comes back after a crash in between sends it again ({@link resendWatch}).
 */
export async function scheduleWatch(deps: DispatcherDeps, jobId: number, seconds: number): Promise<void> {
  for (let count = 0; count < MAX_TRIES; count++) {
    const record = await deps.jobs.get(jobId);
    if (record === undefined) return;
    const due = new Date(deps.clock.now().getTime() + seconds * 1_000).toISOString();
    if (await deps.jobs.put(nextVersion({ ...record, watchDue: due }))) {
      await deps.queue.send({ type: "watch", jobId, due }, Math.min(900, seconds));
      return;
    }
  }
  throw new TransientError("the job's record kept changing under this attempt", { details: { jobId } });
}

/** Sends once more the watch message that counts, for a chain that may have broken. */
export async function resendWatch(deps: DispatcherDeps, record: JobRecord): Promise<void> {
  if (record.watchDue === undefined) return;
  const seconds = Math.max(0, Math.ceil((new Date(record.watchDue).getTime() - deps.clock.now().getTime()) / 1_000));
  await deps.queue.send({ type: "watch", jobId: record.jobId, due: record.watchDue }, Math.min(900, seconds));
}

/** Makes sure that a job with a MicroVM is watched. `retried`: an earlier attempt at the same message failed. */
export async function ensureWatch(deps: DispatcherDeps, record: JobRecord, retried: boolean): Promise<void> {
  const overdue = deps.clock.now().getTime() - new Date(record.watchDue ?? 0).getTime() > OVERDUE_SECONDS * 1_000;
  if (record.watchDue === undefined || overdue) await scheduleWatch(deps, record.jobId, FIRST_WATCH_SECONDS);
  else if (retried) await resendWatch(deps, record);
}
