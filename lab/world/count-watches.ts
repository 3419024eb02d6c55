import type { QueueMessage } from "../../contract/messages.ts";
import type { World } from "./world.ts";

/** A job is looked after by one chain of messages; for a moment copies of them may be under way. */
const MOST_WATCHES = 6;
const LOOK_SECONDS = 1_800;

/**
 * Counts every half hour by how many messages each job is looked after, and keeps those that had too many at two looks
 * in a row: copies merge, each with the next look at the job, and chains that multiply do not.
 */
export function countWatches({ queue, time }: Pick<World, "queue" | "time">): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  let before = new Set<number>();
  const count = (): void => {
    const counts = new Map<number, number>();
    for (const body of queue.bodies()) {
      const message = JSON.parse(body) as QueueMessage;
      if (message.type === "watch") counts.set(message.jobId, (counts.get(message.jobId) ?? 0) + 1);
    }
    const many = [...counts].filter(([, messages]) => messages > MOST_WATCHES);
    for (const [jobId, messages] of many) if (before.has(jobId)) found.set(jobId, messages);
    before = new Set(many.map(([jobId]) => jobId));
    time.after(LOOK_SECONDS, count);
  };
  time.after(LOOK_SECONDS, count);
  return found;
}
