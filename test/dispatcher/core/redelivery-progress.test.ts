import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { INITIAL_REDELIVERY, redeliveryProgress } from "../../../dispatcher/core/redelivery-progress.ts";

describe("what is remembered", () => {
  const progress = {
    hooks: {
      "my-org#7": { floorMs: 1, scan: { startedMs: 2, cursor: "older" }, refused: ["missing", 3] },
      other: { floorMs: 0 },
    },
    chains: { a: [4, 5] },
    next: "my-org#7",
    aheadMs: -6,
    waitUntilMs: 7,
    calls: [[8, 9]],
    lease: { holder: "run-1", untilMs: 10 },
  };

  it("is read as it was written", () => {
    expect(v.parse(redeliveryProgress, progress)).toEqual(progress);
    expect(v.parse(redeliveryProgress, INITIAL_REDELIVERY)).toEqual(INITIAL_REDELIVERY);
  });

  it.each([
    ["a time that is none", { waitUntilMs: -1 }],
    ["a time without end", { waitUntilMs: Number.POSITIVE_INFINITY }],
    ["an offset without end", { aheadMs: Number.NEGATIVE_INFINITY }],
    ["half a call", { calls: [[8, 0.5]] }],
    ["less than no call", { calls: [[8, -1]] }],
    ["a hook without a floor", { hooks: { app: {} } }],
    ["a scan without a start", { hooks: { app: { floorMs: 1, scan: {} } } }],
    ["a chain without an end", { chains: { a: [4] } }],
    ["a lease that nobody holds", { lease: { untilMs: 10 } }],
  ])("is refused with %s", (_, change) => {
    expect(v.is(redeliveryProgress, { ...progress, ...change })).toBe(false);
  });
});
