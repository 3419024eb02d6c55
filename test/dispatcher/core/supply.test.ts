import { describe, expect, it } from "vitest";
import type { Launch } from "../../../dispatcher/core/job.ts";
import {
  BOOT_SECONDS,
  isStalled,
  isToCome,
  owedBy,
  REFUSED_SECONDS,
  STALLED_SECONDS,
  secondsSince,
} from "../../../dispatcher/core/supply.ts";

const now = new Date("2026-01-01T12:00:00Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000).toISOString();
const launch = (change: Partial<Launch>): Launch => ({
  number: 1,
  state: "claimed",
  runnerName: "gha-11-1",
  claimedAt: ago(0),
  ...change,
});

describe("a launch is to bring a runner", () => {
  it.each(["claimed", "registered"] as const)("while it is %s and somebody moves it on", (state) => {
    expect(isToCome(launch({ state }), now)).toBe(true);
    expect(isToCome(launch({ state, claimedAt: ago(STALLED_SECONDS - 1) }), now)).toBe(true);
    expect(isToCome(launch({ state, claimedAt: ago(STALLED_SECONDS) }), now)).toBe(false);
  });

  it("while it boots and has no other job", () => {
    expect(isToCome(launch({ state: "running", launchedAt: ago(BOOT_SECONDS - 1) }), now)).toBe(true);
    expect(isToCome(launch({ state: "running", launchedAt: ago(BOOT_SECONDS) }), now)).toBe(false);
    expect(isToCome(launch({ state: "running", launchedAt: ago(0), ranJobId: 12 }), now)).toBe(false);
    expect(isToCome(launch({ state: "running" }), now)).toBe(false);
  });

  it("never once it has ended", () => {
    expect(isToCome(launch({ state: "ended", launchedAt: ago(0) }), now)).toBe(false);
  });
});

describe("a launch that nobody seems to make", () => {
  it("is stalled, counted from its moment where it has one", () => {
    expect(isStalled(launch({ claimedAt: ago(STALLED_SECONDS) }), now)).toBe(true);
    expect(isStalled(launch({ claimedAt: ago(STALLED_SECONDS), slotAt: ago(STALLED_SECONDS - 1) }), now)).toBe(false);
    expect(isStalled(launch({ slotAt: ago(-600) }), now)).toBe(false);
  });
});

describe("a launch that GitHub refused", () => {
  it("is not stalled as long as its message comes back", () => {
    const old = { claimedAt: ago(5_000) };

    expect(isStalled(launch({ ...old, refusedAt: ago(REFUSED_SECONDS - 1) }), now)).toBe(false);
    expect(isStalled(launch({ ...old, refusedAt: ago(REFUSED_SECONDS) }), now)).toBe(true);
    expect(isStalled(launch({ refusedAt: ago(REFUSED_SECONDS) }), now)).toBe(false);
  });
});

describe("what is owed", () => {
  it("is looked for again a minute after the launch's moment, and within what a queue can delay", () => {
    expect(owedBy(launch({}), now)).toEqual({ kind: "supply", againSeconds: 60 });
    expect(owedBy(launch({ slotAt: ago(-100) }), now)).toEqual({ kind: "supply", againSeconds: 160 });
    expect(owedBy(launch({ slotAt: ago(-100.5) }), now)).toEqual({ kind: "supply", againSeconds: 161 });
    expect(owedBy(launch({ slotAt: ago(-2_000) }), now)).toEqual({ kind: "supply", againSeconds: 900 });
    expect(owedBy(launch({ claimedAt: ago(500) }), now)).toEqual({ kind: "supply", againSeconds: 60 });
    expect(owedBy(launch({ state: "running", slotAt: ago(-100) }), now)).toEqual({ kind: "supply", againSeconds: 60 });
  });
});

it("seconds since a moment are counted from it, and are without end where there was none", () => {
  expect(secondsSince(ago(1.5), now)).toBe(1.5);
  expect(secondsSince(ago(-2), now)).toBe(-2);
  expect(secondsSince(undefined, now)).toBe(Number.POSITIVE_INFINITY);
});
