import { describe, expect, it } from "vitest";
import { NOTHING_REFRESHED } from "../../../dispatcher/core/nothing-refreshed.ts";
import type { BuildPlan, RefreshPlan } from "../../../dispatcher/core/refresh-knowledge.ts";
import {
  noteAnswer,
  noteBegun,
  noteEnd,
  type RefreshBuild,
  type RefreshState,
} from "../../../dispatcher/core/refresh-state.ts";
import { inTurn, needsTurn, TURN_MS } from "../../../dispatcher/core/refresh-turn.ts";

const begunMs = Date.parse("2026-06-30T12:00:00Z");
const soon = new Date(begunMs + 60_000);
const attempted = "build:c:2.338.0";
const build: RefreshBuild = {
  ...{ rule: "renew", from: "3.0", runner: "2.338.0", attempted, key: "k", rescue: false, expected: "4.0" },
  startedMs: begunMs,
};
const plan: RefreshPlan = { kind: "build", build: { rule: "renew", from: "1.0", rescue: false, attempted } };
const end = { version: "4.0", terraform: "3.0", now: soon };
const begun = noteAnswer(noteBegun({ ...NOTHING_REFRESHED, lastOwn: "3.0" }, build), "4.0");
const built = noteEnd(begun, "built", end);

const isKept = (state: RefreshState, served?: string, now = soon) =>
  inTurn(
    plan,
    [
      { state: NOTHING_REFRESHED, served: undefined },
      { state, served },
    ],
    now,
  ).kind === "wait";

describe("whose turn it is", () => {
  it("matters to what can wait alone, and not to who asks for a build now", () => {
    const needs = (rule: BuildPlan["rule"], rebuild = false) =>
      needsTurn({ kind: "build", build: { rule, from: "1.0", rescue: false, attempted } }, { rebuild });
    const rules = ["heal", "return", "rescue", "renew", "age"] as const;
    expect(rules.filter((rule) => needs(rule))).toEqual(["renew", "age"]);
    expect(needs("renew", true)).toBe(false);
    expect(needsTurn({ kind: "rest" }, { rebuild: false })).toBe(false);
    expect(inTurn({ kind: "rest" }, [{ state: built, served: undefined }], soon)).toEqual({ kind: "rest" });
  });

  it("is another image's until a runner of what was built there was given a job", () => {
    expect(isKept(NOTHING_REFRESHED)).toBe(false);
    expect(isKept(begun, "3.0")).toBe(true);
    expect(isKept(built, "3.0")).toBe(true);
    expect(isKept(built)).toBe(true);
    expect(isKept(built, "4.0")).toBe(false);
    expect(inTurn(plan, [{ state: built, served: "3.0" }], soon)).toMatchObject({ kind: "wait", because: "turn" });
  });

  it("is given up after a day", () => {
    expect(isKept(built, "3.0", new Date(begunMs + TURN_MS - 1))).toBe(true);
    expect(isKept(built, "3.0", new Date(begunMs + TURN_MS))).toBe(false);
  });

  it("stays with one that fails, since its first try, whatever mends it", () => {
    const failed = noteEnd(begun, "failed", end);
    const again = noteBegun(failed, { ...build, startedMs: begunMs + TURN_MS / 2 });
    const healing = noteBegun(failed, { ...build, rule: "heal", attempted: "heal:c:2.337.0", startedMs: begunMs + 1 });
    const healed = noteEnd(noteAnswer(healing, "5.0"), "built", { ...end, version: "5.0" });
    expect(again.turn).toEqual({ attempted, sinceMs: begunMs });
    expect(healed.turn).toEqual({ attempted, sinceMs: begunMs });
    expect(isKept(failed, "3.0")).toBe(true);
    expect(isKept(healed, "5.0")).toBe(true);
    expect(isKept(again, "3.0", new Date(begunMs + TURN_MS))).toBe(false);
  });

  it("begins anew with another release", () => {
    const next = noteBegun(built, { ...build, attempted: "build:c:2.339.0", startedMs: begunMs + 5 });
    expect(next.turn).toEqual({ attempted: "build:c:2.339.0", sinceMs: begunMs + 5 });
  });
});
