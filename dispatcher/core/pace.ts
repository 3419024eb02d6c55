import * as v from "valibot";

const milliseconds = v.pipe(v.number(), v.finite(), v.minValue(0));

/**
 * How fast RunMicrovm is called, over all workers: one small state in the table, moved by these pure functions. Calls are
 * given their moments in advance, so ten thousand jobs at once wait in the queue instead of being refused by the service.
 */
export const paceState = v.object({
  /** The moment that the next call would be given if no call had been made for a while (GCRA's TAT). */
  nextAt: milliseconds,
  /** Between two calls. */
  intervalMs: v.pipe(milliseconds, v.minValue(1)),
  /** Nothing is called before it; a quota or the capacity is used up. */
  blockedUntil: milliseconds,
  /** The last time that the service refused a call for its rate. */
  slowedAt: milliseconds,
});

/** Moments in Unix milliseconds. */
export type PaceState = v.InferOutput<typeof paceState>;

/** The default quota is 5 per second with a burst of 5; calls never land exactly on their moment, so 2 % are left over. */
export const FASTEST_INTERVAL_MS = 204;
/** Half of the service's own burst: the other half forgives calls that come bunched. */
const BURST = 3;
const SLOWEST_INTERVAL_MS = 10_000;
/** One refusal says as much as ten that came with it. */
const SLOW_DOWN_ONCE_MS = 2_000;
/** Each call wins back this part of what was given up, so that a raised quota is found again. */
const RECOVERY = 0.99;
/** How late a call may be and still use its moment. */
const LATE_MS = 10_000;

export const INITIAL_PACE: PaceState = { nextAt: 0, intervalMs: FASTEST_INTERVAL_MS, blockedUntil: 0, slowedAt: 0 };

/** The moment of the next call, and the state after it was given away. */
export function takeSlot(state: PaceState, nowMs: number): { state: PaceState; slotMs: number } {
  const floor = Math.max(nowMs, state.blockedUntil);
  const nextAt = Math.max(state.nextAt, floor);
  const slotMs = Math.max(floor, nextAt - (BURST - 1) * state.intervalMs);
  const intervalMs = Math.max(FASTEST_INTERVAL_MS, state.intervalMs * RECOVERY);
  return { state: { ...state, nextAt: nextAt + state.intervalMs, intervalMs }, slotMs };
}

/** Whether a moment that was given earlier still holds. */
export function isSlotGood(state: PaceState, slotMs: number, nowMs: number): boolean {
  return slotMs >= state.blockedUntil && slotMs >= nowMs - LATE_MS;
}

/** The state after the service refused a call for its rate. */
export function slowDown(state: PaceState, nowMs: number): PaceState {
  if (nowMs - state.slowedAt < SLOW_DOWN_ONCE_MS) return state;
  return { ...state, intervalMs: Math.min(SLOWEST_INTERVAL_MS, state.intervalMs * 1.5), slowedAt: nowMs };
}

/** The state after the service had no room: everybody waits until then. */
export function block(state: PaceState, untilMs: number): PaceState {
  return { ...state, blockedUntil: Math.max(state.blockedUntil, untilMs) };
}
