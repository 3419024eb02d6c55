import { expiryFrom, type JobRecord } from "../core/job.ts";
import type { DispatcherDeps } from "./deps.ts";
import type { JobSession } from "./job-session.ts";

/** The first look at a launch: by then its runner is usually online and often done. */
export const FIRST_WATCH_SECONDS = 90;

/** SQS delays a message by at most 15 minutes. */
const LONGEST_DELAY_SECONDS = 900;
/** A watch that is overdue by so much is taken to be lost. */
const OVERDUE_SECONDS = 300;

/** A message that stands in for another comes so much later: by then that one has been handled, if it was sent. */
const SPARE_SECONDS = 30;

/**
 * Sends the job's next watch message, after the one that was `before`. The record says which one counts, so copies cost
 * nothing; it is written first, and a message that comes back after a crash in between sends another
 * ({@link sendSpareWatch}). Of two copies handled side by side one leaves the next look to the other: a job has one
 * chain.
 */
export async function scheduleWatch(
  session: JobSession,
  seconds: number,
  before = session.found?.watchDue,
): Promise<void> {
  const { deps, jobId } = session;
  const due = new Date(deps.clock.now().getTime() + seconds * 1_000).toISOString();
  const expiresAt = expiryFrom(deps.clock.now());
  const changed = await session.change(
    (record) => (isLeft(record, before, due) ? record : { ...record, watchDue: due, expiresAt }),
    { onConflict: "retry" },
  );
  if (changed === "changed") await send(deps, jobId, due, seconds);
}

function isLeft({ watchDue }: JobRecord, before: string | undefined, due: string): boolean {
  return watchDue !== undefined && watchDue !== before && new Date(watchDue) <= new Date(due);
}

/** Sends the watch message that counts. */
export async function resendWatch(deps: DispatcherDeps, record: JobRecord, laterSeconds = 0): Promise<void> {
  const { jobId, watchDue: due } = record;
  if (due === undefined) return;
  const seconds = Math.max(0, Math.ceil((new Date(due).getTime() - deps.clock.now().getTime()) / 1_000));
  await send(deps, jobId, due, seconds + laterSeconds);
}

/**
 * Stands in for the watch message that counts, which may never have been sent. Where it was, the record names the next
 * one when this comes, which then ends: chains do not multiply.
 */
export async function sendSpareWatch(deps: DispatcherDeps, record: JobRecord): Promise<void> {
  await resendWatch(deps, record, SPARE_SECONDS);
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
  else if (context.retried) await sendSpareWatch(deps, record);
}
