import type { LabClock } from "../../../../lab/aws/clock.ts";

export interface ManualClock extends LabClock {
  /** Moves time on and runs what falls due, letting promises settle in between. */
  advance(ms: number): Promise<void>;
}

/** A clock that stands still until it is told to go on. */
export function manualClock(start = Date.now()): ManualClock {
  let now = start;
  let serial = 0;
  const timers = new Map<number, { at: number; callback: () => void }>();
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    now: () => now,
    setTimeout(callback, ms) {
      serial += 1;
      timers.set(serial, { at: now + ms, callback });
      return serial;
    },
    clearTimeout: (handle) => void (typeof handle === "number" && timers.delete(handle)),
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const [next] = [...timers].filter(([, timer]) => timer.at <= end).toSorted(([, a], [, b]) => a.at - b.at);
        if (next === undefined) break;
        const [handle, timer] = next;
        timers.delete(handle);
        now = Math.max(now, timer.at);
        timer.callback();
        await settle();
      }
      now = end;
      await settle();
    },
  };
}
