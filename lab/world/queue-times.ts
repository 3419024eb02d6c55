import type { Parts } from "./parts.ts";

/** A job that no runner took in 24 hours is cancelled (GitHub, self-hosted runners reference). */
const QUEUED_SECONDS = 24 * 3_600;
/** A job that nobody approved in 30 days fails (GitHub, managing environments for deployment). */
const HELD_SECONDS = 30 * 24 * 3_600;

/** Ends the jobs that are in GitHub's queue for too long; the set holds those that no runner took in time. */
export function keepQueueTimes({ github, time, tally }: Pick<Parts, "github" | "time" | "tally">): ReadonlySet<number> {
  const outlasted = new Set<number>();
  github.onEvent(({ action, job: { id } }) => {
    if (action === "queued") {
      const since = time.now().getTime();
      time.after(QUEUED_SECONDS, () => {
        const job = github.job(id);
        if (job?.status !== "queued" || job.queuedAt.getTime() !== since) return;
        tally.note("queued for a day");
        outlasted.add(id);
        github.cancelJob(id);
      });
    } else if (action === "waiting") {
      const since = time.now().getTime();
      time.after(HELD_SECONDS, () => {
        const job = github.job(id);
        if (job?.status === "waiting" && job.queuedAt.getTime() <= since) github.completeJob(id, "failure");
      });
    }
  });
  return outlasted;
}
