import type { Logger } from "../../contract/log.ts";
import type { Clock } from "../ports.ts";
import type { Headers } from "./github-error.ts";

/** By how much GitHub's clock is ahead of this machine's, as far as its answers told. */
export interface ClockOffset {
  /** The time by GitHub's clock. */
  now(): Date;
  seconds(): number;
  /** Takes GitHub's time from an answer to a call that `assumed` an offset; whether the call is worth another try. */
  correct(assumed: number, headers: Headers): boolean;
}

/** A JWT dated back by 30 seconds is refused by a clock that is further behind; a header tells whole seconds. */
const NOTICEABLE_SECONDS = 20;

/** Begins with no offset: most clocks agree. */
export function createClockOffset(clock: Clock, log?: Pick<Logger, "warn">): ClockOffset {
  let ahead = 0;
  return {
    now: () => new Date(clock.now().getTime() + ahead * 1_000),
    seconds: () => ahead,
    correct(assumed, headers) {
      const told = Date.parse(String(headers.date));
      if (Number.isNaN(told)) return false;
      const seconds = Math.round((told - clock.now().getTime()) / 1_000);
      if (Math.abs(seconds - assumed) < NOTICEABLE_SECONDS) return false;
      if (ahead !== seconds) log?.warn("github.clock_skewed", { seconds });
      ahead = seconds;
      return true;
    },
  };
}
