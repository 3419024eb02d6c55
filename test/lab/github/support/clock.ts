import type { LabClock } from "../../../../lab/aws/clock.ts";

/** A clock that stands still until a test moves it; timers fire in the order of their times. */
export interface TestClock extends LabClock {
  advance(ms: number): void;
}

/** Starts at a fixed moment. */
export function createTestClock(): TestClock {
  let now = Date.parse("2026-06-01T12:00:00Z");
  const timers = new Set<{ at: number; callback: () => void }>();
  return {
    now: () => now,
    setTimeout(callback, ms) {
      const timer = { at: now + ms, callback };
      timers.add(timer);
      return timer;
    },
    clearTimeout: (handle) => void timers.delete(handle as { at: number; callback: () => void }),
    advance(ms) {
      const until = now + ms;
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= until).sort((one, other) => one.at - other.at);
        if (next === undefined) break;
        timers.delete(next);
        now = Math.max(now, next.at);
        next.callback();
      }
      now = until;
    },
  };
}
