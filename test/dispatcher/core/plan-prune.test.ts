import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSettled, MAX_DELETIONS, type PruneKnowledge, planPrune } from "../../../dispatcher/core/plan-prune.ts";
import type { ImageVersion } from "../../../dispatcher/core/views.ts";

const now = new Date("2026-06-30T12:00:00Z");
const HOUR_MS = 3_600_000;

function version(number: number, change: Partial<ImageVersion> & { hours?: number } = {}): ImageVersion {
  const { hours = (20 - number) * 24, ...rest } = change;
  const createdAt = new Date(now.getTime() - hours * HOUR_MS);
  return { version: `${number}.0`, state: "SUCCESSFUL", status: "ACTIVE", createdAt, ...rest };
}

const failed = { state: "FAILED", status: "INACTIVE" } as const;

function plan(versions: ImageVersion[], change: Partial<PruneKnowledge> = {}): string[] {
  return planPrune({ versions, inUse: new Set(), pinned: [], keep: 2, asked: new Set(), now, ...change });
}

describe("planPrune", () => {
  it("deletes all but the newest built versions, the oldest first, whatever their order in the list", () => {
    expect(plan([version(3), version(1), version(10), version(9), version(2)])).toEqual(["1.0", "2.0", "3.0"]);
  });

  it("goes by the number where versions were made in the same moment", () => {
    expect(plan([version(10, { hours: 48 }), version(9, { hours: 48 }), version(8, { hours: 48 })])).toEqual(["8.0"]);
  });

  it("leaves the pinned version and those in use", () => {
    const versions = [1, 2, 3, 4, 5].map((number) => version(number));
    expect(plan(versions, { pinned: ["1.0"], inUse: new Set(["2.0"]) })).toEqual(["3.0"]);
  });

  it("leaves the latest active version although newer ones were built", () => {
    const retired = { status: "INACTIVE" } as const;
    expect(plan([version(1), version(2), version(3, retired), version(4, retired)])).toEqual(["1.0"]);
  });

  it("leaves a version until the one that took its place is a day old", () => {
    const versions = (hours: number) => [version(1, { hours: 900 }), version(2, { hours }), version(3, { hours: 1 })];
    expect(plan(versions(23.9))).toEqual([]);
    expect(plan(versions(24))).toEqual(["1.0"]);
  });

  it("deletes failed versions that are a day old, which do not count among those kept", () => {
    const versions = [version(1), version(2), version(3, failed), version(4, { ...failed, hours: 23 })];
    expect(plan(versions)).toEqual(["3.0"]);
  });

  it("deletes again what could not be deleted, and ignores what is gone", () => {
    expect(plan([version(1, { state: "DELETED" }), version(2, { state: "DELETE_FAILED" }), version(3)])).toEqual([
      "2.0",
    ]);
  });

  it.each(["PENDING", "IN_PROGRESS", "DELETING"] as const)("waits while a version is %s", (state) => {
    const versions = [version(1), version(2), version(3), version(4, { state, status: "INACTIVE" })];
    expect(isSettled(versions)).toBe(false);
    expect(plan(versions)).toEqual([]);
  });

  it("leaves the last version, even one that failed", () => {
    expect(plan([version(1, failed)])).toEqual([]);
    expect(plan([version(1, failed), version(2, failed)])).toEqual(["1.0"]);
    expect(plan([])).toEqual([]);
  });

  it("names no more versions than a run may delete, and none a second time", () => {
    const versions = Array.from({ length: 16 }, (_, index) => version(index + 1));
    expect(plan(versions)).toHaveLength(MAX_DELETIONS);
    const asked = new Set(Array.from({ length: MAX_DELETIONS - 1 }, (_, index) => `${index + 1}.0`));
    expect(plan(versions, { asked })).toEqual(["10.0"]);
    expect(plan(versions, { asked: new Set([...asked, "10.0"]) })).toEqual([]);
  });

  it("never takes what must stay, however the image looks", () => {
    const states: ImageVersion["state"][] = [
      "SUCCESSFUL",
      "SUCCESSFUL",
      "SUCCESSFUL",
      "FAILED",
      "DELETE_FAILED",
      "DELETED",
    ];
    const one = fc.record({
      state: fc.constantFrom(...states),
      status: fc.constantFrom("ACTIVE", "INACTIVE"),
      hours: fc.integer({ min: 0, max: 200 }),
    });
    fc.assert(
      fc.property(
        fc.array(one, { maxLength: 50 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(50),
        fc.nat(50),
        (list, keep, pin, used) => {
          const versions = list.map((each, index) => version(index + 1, each));
          const doomed = new Set(plan(versions, { keep, pinned: [`${pin}.0`], inUse: new Set([`${used}.0`]) }));
          const left = versions.filter((each) => each.state !== "DELETED" && !doomed.has(each.version));
          const built = versions
            .filter(({ state }) => state === "SUCCESSFUL")
            .toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime());

          expect(doomed).not.toContain(`${pin}.0`);
          expect(doomed).not.toContain(`${used}.0`);
          expect(left.filter(({ state }) => state === "SUCCESSFUL").length).toBeGreaterThanOrEqual(
            Math.min(keep, built.length),
          );
          expect(left.length > 0).toBe(versions.some(({ state }) => state !== "DELETED"));
          expect(left.some(({ status, state }) => status === "ACTIVE" && state === "SUCCESSFUL")).toBe(
            built.some(({ status }) => status === "ACTIVE"),
          );
          for (const each of versions.filter((candidate) => doomed.has(candidate.version))) {
            expect(now.getTime() - each.createdAt.getTime()).toBeGreaterThanOrEqual(24 * HOUR_MS);
          }
        },
      ),
      { seed: 7, numRuns: 500 },
    );
  });
});
