import { INITIAL_REDELIVERY, type RedeliveryProgress } from "../../../dispatcher/core/redelivery-progress.ts";
import type { RedeliveryState } from "../../../dispatcher/ports.ts";

/** What the redeliver function remembers, in memory. */
export function createMemoryRedeliveryState(): RedeliveryState & { now(): RedeliveryProgress } {
  let progress = INITIAL_REDELIVERY;
  return {
    async update(change) {
      // Through JSON, as in the table.
      progress = JSON.parse(JSON.stringify(change(progress))) as RedeliveryProgress;
      return progress;
    },
    now: () => progress,
  };
}
