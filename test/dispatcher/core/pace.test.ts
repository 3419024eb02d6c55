import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import {
  admitToPace,
  block,
  FASTEST_INTERVAL_MS,
  INITIAL_PACE,
  isSlotGood,
  type PaceState,
  paceState,
  slowDown,
  takeSlot,
} from "../../../dispatcher/core/pace.ts";

function takeMany(count: number, state: PaceState, nowMs: number): { slots: number[]; state: PaceState } {
  const slots: number[] = [];
  let current = state;
  for (let index = 0; index < count; index++) {
    const taken = takeSlot(current, nowMs);
    slots.push(taken.slot.atMs);
    current = taken.state;
  }
  return { slots, state: current };
}

const at = (atMs: number) => ({ atMs, epoch: 0 });

/** The service's own rule: 5 tokens, 5 more each second. */
function refusals(slots: number[], perSecond: number): number {
  let tokens = 5;
  let last = slots[0] ?? 0;
  let refused = 0;
  for (const slot of slots) {
    tokens = Math.min(5, tokens + ((slot - last) / 1_000) * perSecond);
    last = slot;
    if (tokens >= 1) tokens -= 1;
    else refused += 1;
  }
  return refused;
}

describe("takeSlot", () => {
  it("gives the first twenty calls the present moment", () => {
    const { slots } = takeMany(21, INITIAL_PACE, 1_000);
    expect(new Set(slots.slice(0, 20))).toEqual(new Set([1_000]));
    expect(slots[20]).toBe(1_000 + FASTEST_INTERVAL_MS);
  });

  it("wins a burst back that was given up, call by call", () => {
    const { state } = takeMany(10_000, { ...INITIAL_PACE, burst: 1 }, 1_000);
    expect(state.burst).toBe(20);
  });

  it("never asks more of the service than its published quota once a burst was refused, whatever arrives when", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 200 }), (gaps) => {
        let now = 0;
        let state: PaceState = { ...INITIAL_PACE, burst: 1 };
        const slots: number[] = [];
        for (const gap of gaps) {
          now += gap;
          const taken = takeSlot(state, now);
          state = taken.state;
          slots.push(taken.slot.atMs);
        }
        expect(refusals(slots, 5)).toBe(0);
        expect(slots.toSorted((a, b) => a - b)).toEqual(slots);
      }),
    );
  });

  it("drains ten thousand calls within five per cent of the quota's own time", () => {
    const { slots } = takeMany(10_000, INITIAL_PACE, 0);
    expect(slots.at(-1)).toBeLessThan((10_000 / 5) * 1_000 * 1.05);
  });
});

describe("admitToPace", () => {
  const slot = { atMs: 5_000, epoch: 0 };
  const admit = (state: PaceState, given: typeof slot | undefined, pastHold = false) =>
    admitToPace(state, { nowMs: 5_000, slot: given, pastHold });
  const held = { ...INITIAL_PACE, held: true };

  it("gives a moment, and leaves one that still holds", () => {
    expect(admit(INITIAL_PACE, undefined)).toEqual(takeSlot(INITIAL_PACE, 5_000));
    expect(admit(INITIAL_PACE, slot)).toEqual({ state: INITIAL_PACE, slot });
    expect(admit({ ...INITIAL_PACE, epoch: 1 }, slot).slot).toEqual({ atMs: 5_000, epoch: 1 });
  });

  it("gives none to a launch that a hold may concern, until it is past that", () => {
    expect(admit(held, slot)).toEqual({ state: held, slot: undefined });
    expect(admit(held, slot, true)).toEqual({ state: held, slot });
    expect(admit(held, undefined, true).slot).toEqual({ atMs: 5_000, epoch: 0 });
  });
});

describe("the stored state", () => {
  const stored = { nextAt: 1, intervalMs: 204, blockedUntil: 2, slowedAt: 3 };

  it("is that of an earlier release too, which knew of no burst, epoch or hold", () => {
    expect(v.parse(paceState, stored)).toEqual({ ...stored, burst: 3, epoch: 0, held: false });
    expect(v.parse(paceState, INITIAL_PACE)).toEqual(INITIAL_PACE);
    expect(INITIAL_PACE.held).toBe(false);
  });

  it.each([
    { nextAt: -1 },
    { intervalMs: 0 },
    { burst: 0 },
    { epoch: 0.5 },
    { epoch: -1 },
    { held: 1 },
    { slowedAt: "3" },
  ])("is refused with %o", (change) => {
    expect(v.is(paceState, { ...stored, ...change })).toBe(false);
  });
});

describe("slowDown", () => {
  it("explains a refusal by a burst only where that is above what the service publishes", () => {
    expect(slowDown({ ...INITIAL_PACE, burst: 5 }, 10_000, 0)).toMatchObject({ burst: 1, intervalMs: 204 * 1.7 });
    expect(slowDown({ ...INITIAL_PACE, burst: 5.1 }, 10_000, 0)).toMatchObject({ burst: 3, intervalMs: 204 });
  });

  it("counts a refusal as news again after 2.6 seconds", () => {
    const once = slowDown(INITIAL_PACE, 10_000, 0);
    expect(slowDown(once, 12_599, 1)).toBe(once);
    expect(slowDown(once, 12_600, 1).epoch).toBe(2);
  });

  it("gives up the burst first and the interval after it", () => {
    const once = slowDown(INITIAL_PACE, 10_000, 0);
    expect(once).toMatchObject({ burst: 3, intervalMs: FASTEST_INTERVAL_MS, epoch: 1 });
    const twice = slowDown(once, 13_000, 1);
    expect(twice).toMatchObject({ burst: 1, intervalMs: FASTEST_INTERVAL_MS * 1.7, epoch: 2 });
  });

  it("counts refusals once that come together, or of calls whose moments were void already", () => {
    const once = slowDown(INITIAL_PACE, 10_000, 0);
    expect(slowDown(once, 12_500, 1)).toBe(once);
    expect(slowDown(once, 20_000, 0)).toBe(once);
  });

  it("voids the moments that were given before it", () => {
    const { state, slot } = takeSlot(INITIAL_PACE, 10_000);
    expect(isSlotGood(state, slot, 10_000)).toBe(true);
    expect(isSlotGood(slowDown(state, 10_000, 0), slot, 10_000)).toBe(false);
  });

  it("stops at ten seconds", () => {
    let state = INITIAL_PACE;
    for (let count = 1; count < 60; count++) state = slowDown(state, count * 3_000, count - 1);
    expect(state.intervalMs).toBe(10_000);
  });

  it("finds a quota of one per second with few calls wasted", () => {
    let state = INITIAL_PACE;
    let tokens = 1;
    let last = 0;
    let refused = 0;
    for (let call = 0; call < 1_000; call++) {
      const taken = takeSlot(state, last);
      tokens = Math.min(1, tokens + (taken.slot.atMs - last) / 1_000);
      last = taken.slot.atMs;
      state = taken.state;
      if (tokens >= 1) tokens -= 1;
      else {
        refused += 1;
        state = slowDown(state, last, taken.slot.epoch);
      }
    }
    expect(refused / 1_000).toBeLessThan(0.2);
  });
});

describe("block", () => {
  it("gives nobody a moment before it, and takes back those given", () => {
    const blocked = block(INITIAL_PACE, 30_000, "quota");
    expect(takeSlot(blocked, 1_000).slot).toMatchObject({ atMs: 30_000, blockedFor: "quota" });
    expect(takeSlot(blocked, 31_000).slot.blockedFor).toBeUndefined();
    expect(isSlotGood(blocked, at(29_000), 1_000)).toBe(false);
    expect(isSlotGood(blocked, at(31_000), 1_000)).toBe(true);
  });

  it("lets a moment stand that it is just over for, and one that is ten seconds old", () => {
    expect(isSlotGood(block(INITIAL_PACE, 30_000, "quota"), at(30_000), 1_000)).toBe(true);
    expect([11_000, 11_001].map((nowMs) => isSlotGood(INITIAL_PACE, at(1_000), nowMs))).toEqual([true, false]);
  });

  it("lets a moment that has long passed go", () => {
    expect(isSlotGood(INITIAL_PACE, at(1_000), 5_000)).toBe(true);
    expect(isSlotGood(INITIAL_PACE, at(1_000), 60_000)).toBe(false);
  });
});
