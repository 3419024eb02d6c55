import { expiryFrom, type JobRecord } from "../core/job.ts";
import type { DispatcherDeps } from "./deps.ts";
import type { JobSession } from "./job-session.ts";

/** The first look at a launch: by then its runner is usually online and often done. */
export const FIRST_WATCH_SECONDS = 90;

/** SQS delays a message by at most 15 minutes. */
const LONGEST_DELAY_SECONDS = 900;
/** A watch that is overdue by so much is taken to be lost. */
const OVERDUE_SECONDS = 300;

/**
 * Sends the job's next watch message. The record says which one counts, so copies cost nothing; it is written first, and a
 * message that comes back after a crash in between sends it again ({@link resendWatch}).
 */
export async function scheduleWatch(session: JobSession, seconds: number): Promise<void> {
  const { deps, jobId } = session;
  const due = new Date(deps.clock.now().getTime() + seconds * 1_000).toISOString();
  const expiresAt = expiryFrom(deps.clock.now());
  await session.change((record) => ({ ...record, watchDue: due, expiresAt }), { onConflict: "retry" });
  if (session.found === undefined) return;
  await send(deps, jobId, due, seconds);
}

/** Sends once more the watch message that counts, for a chain that may have broken. */
export async function resendWatch(deps: DispatcherDeps, record: JobRecord): Promise<void> {
  const { jobId, watchDue: due } = record;
  if (due === undefined) return;
  const seconds = Math.max(0, Math.ceil((new Date(due).getTime() - deps.clock.now().getTime()) / 1_000));
  await send(deps, jobId, due, seconds);
}

async function send(deps: DispatcherDeps, jobId: number, due: string, seconds: number): Promise<void> {
  const message = { type: "watch", jobId, due } as const;
  if (seconds > LONGEST_DELAY_SECONDS) await deps.queue.send({ ...message, early: true }, LONGEST_DELAY_SECONDS);
  else await deps.queue.send(message, seconds);
}

/** Makes sure that a job with a MicroVM is watched, also when an earlier attempt at the same message failed. */
export async function ensureWatch(session: JobSession): Promise<void> {
  const { deps, context, record } = session;
  const overdue = deps.clock.now().getTime() - new Date(record.watchDue ?? 0).getTime() > OVERDUE_SECONDS * 1_000;
  if (record.watchDue === undefined || overdue) await scheduleWatch(session, FIRST_WATCH_SECONDS);
  else if (context.retried) await resendWatch(deps, record);
}
