import type { World } from "./world.ts";

/** When the jobs of a world were queued and given to a runner; begins to watch when it is called, at the start. */
export function watchJobs({ github, time }: Pick<World, "github" | "time">) {
  const startMs = time.now().getTime();
  const started = new Map<number, number>();
  github.onEvent(({ action, job }) => {
    if (action === "in_progress") started.set(job.id, time.now().getTime());
  });
  const at = (second: number) => startMs + second * 1_000;
  return {
    /** The moment of a second, in milliseconds. */
    at,
    /** Seconds from that second until the job started; infinitely many if it never did, none if it had before. */
    startedAfter(id: number, second: number): number {
      const ms = started.get(id);
      return ms === undefined ? Number.POSITIVE_INFINITY : Math.max(0, (ms - at(second)) / 1_000);
    },
  };
}
