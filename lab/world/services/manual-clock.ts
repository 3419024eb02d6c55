import type { Clock } from "../../../dispatcher/ports.ts";

export interface ManualClock extends Clock {
  advance(seconds: number): void;
  set(moment: Date): void;
}

/** A clock that moves only when it is told to. */
export function createManualClock(start = new Date("2026-01-01T12:00:00Z")): ManualClock {
  let nowMs = start.getTime();
  return {
    now: () => new Date(nowMs),
    advance(seconds) {
      nowMs += seconds * 1_000;
    },
    set(moment) {
      nowMs = moment.getTime();
    },
  };
}
