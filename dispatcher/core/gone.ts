import type { JobRecord } from "./job.ts";
import type { JobView } from "./views.ts";

/** Two looks at which GitHub did not know a job count as two when they are so many seconds apart. */
export const GONE_SECONDS = 150;

/**
 * A replica of GitHub that lags may not know a job for a moment, and a job that is taken for over gets no runner: it is
 * over when so many looks, one after the other, have found nothing.
 */
export const GONE_LOOKS = 5;

/** GitHub's conclusion, or `unknown` when GitHub forgot the job. */
export function conclusionOf(job: JobView | "gone"): string {
  return job === "gone" ? "unknown" : (job.conclusion ?? "unknown");
}

type Gone = Pick<JobRecord, "goneAt" | "goneLooks">;

/** Whether a job that GitHub does not know now was unknown to it at each of the looks before. */
export function isGoneForGood(record: Gone, now: Date): boolean {
  return looksOf(record) + (counts(record, now) ? 1 : 0) >= GONE_LOOKS;
}

/** The record of a job that GitHub does not know now; the record itself where the last such look was just before. */
export function withGone(record: JobRecord, now: Date): JobRecord {
  if (!counts(record, now)) return record;
  return { ...record, goneAt: now.toISOString(), goneLooks: looksOf(record) + 1 };
}

/** The record of a job that GitHub knows. */
export function withoutGone(record: JobRecord): JobRecord {
  if (record.goneAt === undefined) return record;
  const { goneAt: _, goneLooks: __, ...rest } = record;
  return rest;
}

function looksOf({ goneAt, goneLooks }: Gone): number {
  return goneAt === undefined ? 0 : (goneLooks ?? 1);
}

function counts({ goneAt }: Gone, now: Date): boolean {
  return goneAt === undefined || now.getTime() - new Date(goneAt).getTime() >= GONE_SECONDS * 1_000;
}
