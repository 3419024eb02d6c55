import { describe, expect, it } from "vitest";
import { classifyFinishAnswer, finishPauseMs } from "../../../../microvm/supervisor/core/finish-retry.ts";

describe("classifyFinishAnswer", () => {
  it.each([
    [200, "accepted"],
    [202, "accepted"],
    [302, "refused"],
    [400, "refused"],
    [401, "refused"],
    [403, "refused"],
    [408, "again"],
    [429, "again"],
    [500, "again"],
    [503, "again"],
    ["ECONNREFUSED", "again"],
    ["TimeoutError", "again"],
  ] as const)("says of %s: %s", (answer, verdict) => {
    expect(classifyFinishAnswer(answer)).toBe(verdict);
  });
});

describe("finishPauseMs", () => {
  it("doubles up to a bound and leaves half of it to chance", () => {
    expect([1, 2, 3, 6, 20].map((attempt) => finishPauseMs(attempt, 1))).toEqual([500, 1_000, 2_000, 15_000, 15_000]);
    expect([1, 20].map((attempt) => finishPauseMs(attempt, 0))).toEqual([250, 7_500]);
  });
});
