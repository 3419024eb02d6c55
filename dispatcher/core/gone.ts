import type { JobRecord } from "./job.ts";
import type { JobView } from "./views.ts";

/** GitHub may not know a job for a moment: it is over when it is not known twice, so many seconds apart. */
export const GONE_SECONDS = 150;

/** GitHub's conclusion, or `unknown` when GitHub forgot the job. */
export function conclusionOf(job: JobView | "gone"): string {
  return job === "gone" ? "unknown" : (job.conclusion ?? "unknown");
}

/** Whether a job that GitHub does not know now was unknown to it some minutes ago as well. */
export function isGoneForGood({ goneAt }: Pick<JobRecord, "goneAt">, now: Date): boolean {
  return goneAt !== undefined && now.getTime() - new Date(goneAt).getTime() >= GONE_SECONDS * 1_000;
}

/** The record of a job that GitHub does not know now. */
export function withGone(record: JobRecord, now: Date): JobRecord {
  return record.goneAt === undefined ? { ...record, goneAt: now.toISOString() } : record;
}

/** The record of a job that GitHub knows. */
export function withoutGone(record: JobRecord): JobRecord {
  if (record.goneAt === undefined) return record;
  const { goneAt: _, ...rest } = record;
  return rest;
}
