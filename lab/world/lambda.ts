import type { Clock } from "../../dispatcher/ports.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** The functions of the account: how many of their invocations may run at once, and whose clock each of them has. */
export interface Lambda {
  /** Takes one of the account's places; false when there is none and the invocation is throttled (429). */
  start(): boolean;
  end(): void;
  /** So many places are taken by functions that are not ours. */
  occupy(places: number): void;
  /** The clock of one execution environment. */
  clock(): Clock;
}

/**
 * `concurrency`: of the whole account; a new one has 10 (AWS Lambda, quotas). `skewSeconds`: how far a clock may be
 * off.
 */
export function createLambda(
  time: VirtualTime,
  random: () => number,
  { concurrency = Number.POSITIVE_INFINITY, skewSeconds = 0 }: { concurrency?: number; skewSeconds?: number },
): Lambda {
  let running = 0;
  let others = 0;
  return {
    start() {
      if (running + others >= concurrency) return false;
      running++;
      return true;
    },
    end: () => void running--,
    occupy(places) {
      others = places;
    },
    clock() {
      if (skewSeconds === 0) return time;
      const offMs = Math.round((random() * 2 - 1) * skewSeconds * 1_000);
      return { now: () => new Date(time.now().getTime() + offMs) };
    },
  };
}
