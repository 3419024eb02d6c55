import * as v from "valibot";

const milliseconds = v.pipe(v.number(), v.finite(), v.minValue(0));

/**
 * How fast RunMicrovm is called, over all workers: one small state in the table, moved by these pure functions. Calls
 * are given their moments in advance, so ten thousand jobs at once wait in the queue instead of being refused by the
 * service.
 */
export const paceState = v.object({
  /** The moment that the next call would be given if no call had been made for a while (GCRA's TAT). */
  nextAt: milliseconds,
  /** Between two calls. */
  intervalMs: v.pipe(milliseconds, v.minValue(1)),
  /** Nothing is called before it; a quota or the capacity is used up. */
  blockedUntil: milliseconds,
  /** What is used up until then. */
  blockedFor: v.optional(v.picklist(["quota", "capacity", "image"])),
  /** The last time that the service refused a call for its rate. */
  slowedAt: milliseconds,
  /** How many calls may come at once after a pause; a state that was stored without it knew of three. */
  burst: v.optional(v.pipe(v.number(), v.finite(), v.minValue(1)), 3),
  /** Counts the refusals that made the pace slower: each voids all moments that were given before it. */
  epoch: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 0),
  /** Launches may be held: the item `hold` tells. It stands here so that others need not read that. */
  held: v.optional(v.boolean(), false),
  /** Nothing is launched until somebody takes this away. */
  paused: v.optional(v.object({ by: v.string(), at: v.string(), why: v.string() })),
});

/** Moments in Unix milliseconds. */
export type PaceState = v.InferOutput<typeof paceState>;

/** The moment of one call, and the epoch in which it was given. */
export interface Slot {
  atMs: number;
  epoch: number;
  /** What is used up until then, where it is not the rate that sets the moment. */
  blockedFor?: PaceState["blockedFor"];
}

/** The default quota is 5 per second; calls never land exactly on their moment, so 2 % are left over. */
export const FASTEST_INTERVAL_MS = 204;
/** New accounts have 1 per second: up to there the pace is slowed down in large steps, beyond it in small ones. */
const NEW_ACCOUNT_INTERVAL_MS = 1_020;
const SLOWEST_INTERVAL_MS = 10_000;
/** As many calls at once have been seen to be taken with the default quota, by a service that publishes 5. */
const LARGEST_BURST = 20;
/** A burst above what the service publishes explains a refusal by itself. */
const PUBLISHED_BURST = 5;
/** Half of what is published: the other half forgives calls that come bunched. */
const SAFE_BURST = 3;
/** Each call wins so much of the burst back. */
const BURST_RECOVERY = 0.002;
/**
 * Calls whose moments were given before a refusal may be on their way still, after two seconds of waiting and a
 * registration: until they are made, a refusal says nothing new.
 */
const SLOW_DOWN_ONCE_MS = 2_600;
/** Each call wins back this part of what was given up, so that a raised quota is found again. */
const RECOVERY = 0.998;
/** How late a call may be and still use its moment. */
const LATE_MS = 10_000;

export const INITIAL_PACE: PaceState = {
  ...{ nextAt: 0, intervalMs: FASTEST_INTERVAL_MS, blockedUntil: 0, slowedAt: 0 },
  ...{ burst: LARGEST_BURST, epoch: 0, held: false },
};

/** The moment of the next call, and the state after it was given away. */
export function takeSlot(state: PaceState, nowMs: number): { state: PaceState; slot: Slot } {
  const floor = Math.max(nowMs, state.blockedUntil);
  const nextAt = Math.max(state.nextAt, floor);
  const atMs = Math.max(floor, nextAt - (Math.floor(state.burst) - 1) * state.intervalMs);
  const intervalMs = Math.max(FASTEST_INTERVAL_MS, state.intervalMs * RECOVERY);
  const burst = Math.min(LARGEST_BURST, state.burst + BURST_RECOVERY);
  return {
    state: { ...state, nextAt: nextAt + state.intervalMs, intervalMs, burst },
    slot: { atMs, epoch: state.epoch, ...(state.blockedUntil > nowMs ? { blockedFor: state.blockedFor } : {}) },
  };
}

/**
 * A moment given before, where that still holds, or a new one; none is taken by a launch that may have to wait for a
 * hold.
 */
export function admitToPace(
  state: PaceState,
  { nowMs, slot, pastHold }: { nowMs: number; slot: Slot | undefined; pastHold: boolean },
): { state: PaceState; slot: Slot | undefined } {
  if (state.held && !pastHold) return { state, slot: undefined };
  return slot && isSlotGood(state, slot, nowMs) ? { state, slot } : takeSlot(state, nowMs);
}

/** Whether a moment that was given earlier still holds. */
export function isSlotGood(state: PaceState, slot: Slot, nowMs: number): boolean {
  return slot.epoch === state.epoch && slot.atMs >= state.blockedUntil && slot.atMs >= nowMs - LATE_MS;
}

/**
 * The state after the service refused a call for its rate, made in that epoch; one made in an earlier epoch is no news.
 */
export function slowDown(state: PaceState, nowMs: number, epoch: number): PaceState {
  if (epoch !== state.epoch || nowMs - state.slowedAt < SLOW_DOWN_ONCE_MS) return state;
  const { burst, intervalMs } = slower(state);
  // What the service had left is gone: the next call comes an interval from now.
  return { ...state, intervalMs, burst, epoch: state.epoch + 1, nextAt: nowMs + burst * intervalMs, slowedAt: nowMs };
}

function slower({ intervalMs, burst }: PaceState): Pick<PaceState, "intervalMs" | "burst"> {
  if (burst > PUBLISHED_BURST) return { intervalMs, burst: SAFE_BURST };
  if (intervalMs < NEW_ACCOUNT_INTERVAL_MS) {
    return { intervalMs: Math.min(NEW_ACCOUNT_INTERVAL_MS, intervalMs * 1.7), burst: 1 };
  }
  return { intervalMs: Math.min(SLOWEST_INTERVAL_MS, intervalMs * 1.15), burst: 1 };
}

/** The state after the service had no room: everybody waits until then. */
export function block(state: PaceState, untilMs: number, blockedFor: PaceState["blockedFor"]): PaceState {
  return { ...state, blockedUntil: Math.max(state.blockedUntil, untilMs), blockedFor };
}
