import { describe, expect, it } from "vitest";
import { NOBODY_WAITS } from "../../../dispatcher/core/fair-places.ts";
import type { DispatcherDeps } from "../../../dispatcher/flows/deps.ts";
import { type Crowd, type FairnessFigures, fairness, placesUntilAll } from "../../../lab/world/fairness.ts";

const MANY: Crowd = { repository: "acme/many", jobs: 1_000, at: 0 };
const FEW = "acme/few";
const LONG = { timeout: 300_000 };

/** The dispatcher when it does not know who waits. */
const withoutQueue = (deps: DispatcherDeps): DispatcherDeps => ({
  ...deps,
  placesQueue: { read: async () => NOBODY_WAITS, update: async () => NOBODY_WAITS },
});

/**
 * Of each number of places that come free, at least every second is the repository's, until it has as many as it asked
 * for.
 */
function isEverySecond({ order, atHand }: FairnessFigures, repository: string, jobs: number): boolean {
  let own = 0;
  const wanted = jobs - (atHand[repository] ?? 0);
  return order.every((name, index) => {
    if (name === repository) own++;
    return own >= wanted || own >= Math.floor((index + 1) / 2);
  });
}

describe("with 50 places and jobs of 120 s", () => {
  it.each([60, 600])("ten jobs that come %i s after a thousand are not starved", LONG, async (at) => {
    const few = { repository: FEW, jobs: 10, at };
    const figures = await fairness(50, [MANY, few]);
    const before = await fairness(50, [MANY, few], { alter: withoutQueue });

    expect(figures.completed).toBe(1_010);
    expect(isEverySecond(figures, FEW, 10)).toBe(true);
    expect(placesUntilAll(figures.order, FEW)).toBeLessThanOrEqual(25);
    expect(figures.done / before.done).toBeLessThanOrEqual(1.02);
  });

  // While launches wait for their moment in all places, while many places come free at once, and while some are free.
  it.each([1, 5, 142, 145, 160])("nor are they when they come after %i s", LONG, async (at) => {
    const figures = await fairness(50, [
      { ...MANY, jobs: 200 },
      { repository: FEW, jobs: 10, at },
    ]);
    expect(figures.completed).toBe(210);
    expect(isEverySecond(figures, FEW, 10)).toBe(true);
    expect(placesUntilAll(figures.order, FEW)).toBeLessThanOrEqual(25);
  });

  it("one, ten and a thousand jobs of three repositories are served side by side", LONG, async () => {
    const crowds = [MANY, { repository: FEW, jobs: 10, at: 600 }, { repository: "acme/one", jobs: 1, at: 600 }];
    const figures = await fairness(50, crowds);
    const before = await fairness(50, crowds, { alter: withoutQueue });

    expect(figures.completed).toBe(1_011);
    expect(placesUntilAll(figures.order, FEW)).toBeLessThanOrEqual(25);
    expect(placesUntilAll(figures.order, "acme/one")).toBeLessThanOrEqual(25);
    expect(figures.done / before.done).toBeLessThanOrEqual(1.02);
  });
});

it("two repositories take turns at the only place", LONG, async () => {
  const figures = await fairness(1, [
    { ...MANY, jobs: 60 },
    { repository: FEW, jobs: 3, at: 600 },
  ]);
  expect(figures.completed).toBe(63);
  expect(isEverySecond(figures, FEW, 3)).toBe(true);
});

it("one repository has no more MicroVMs than its bound, and another what is left", LONG, async () => {
  const crowds = [
    { ...MANY, jobs: 100 },
    { repository: FEW, jobs: 20, at: 60 },
  ];
  const figures = await fairness(20, crowds, { maxConcurrencyPerRepository: 15 });
  expect(figures.completed).toBe(120);
  expect(figures.most["acme/many"]).toBe(15);
  expect(figures.most[FEW]).toBeLessThanOrEqual(15);
  expect(figures.atHand[FEW]).toBe(5);
});

it("without the bound on all a repository still has its own", LONG, async () => {
  const figures = await fairness(0, [{ ...MANY, jobs: 40 }], { maxConcurrencyPerRepository: 5 });
  expect(figures.completed).toBe(40);
  expect(figures.most["acme/many"]).toBe(5);
});

it("without knowing who waits the ten are starved", LONG, async () => {
  const { order } = await fairness(50, [MANY, { repository: FEW, jobs: 10, at: 600 }], { alter: withoutQueue });
  expect(placesUntilAll(order, FEW)).toBeGreaterThan(25);
});
