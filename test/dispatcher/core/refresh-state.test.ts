import { describe, expect, it } from "vitest";
import { NOTHING_REFRESHED } from "../../../dispatcher/core/nothing-refreshed.ts";
import {
  attemptOf,
  dropBuild,
  forgetVersions,
  type KnownVersion,
  noteAnswer,
  noteBegun,
  noteEnd,
  noteLaunched,
  noteVersion,
  noteWithdrawn,
  type RefreshBuild,
} from "../../../dispatcher/core/refresh-state.ts";

const now = new Date("2026-06-30T12:00:00Z");
const facts = (runner: string): KnownVersion => ({
  ...{
    runner,
    runnerSha256: "a".repeat(64),
    builtMs: 0,
    context: "c",
    key: "microvm/a.zip",
    base: "1",
    baseImageArn: "arn",
    own: false,
  },
});
const build: RefreshBuild = {
  ...{
    rule: "renew",
    from: "3.0",
    runner: "2.338.0",
    attempted: "build:c:2.338.0",
    key: "k",
    rescue: false,
    expected: "4.0",
  },
  startedMs: now.getTime(),
};
const begun = noteBegun(NOTHING_REFRESHED, build);
const end = { version: "4.0", terraform: "3.0", now };

describe("what the refresh function remembers", () => {
  it("names an attempt by context and runner, and healing apart from the rest", () => {
    expect(attemptOf("renew", "c", "2.338.0")).toBe("build:c:2.338.0");
    expect(attemptOf("age", "c", "2.338.0")).toBe("build:c:2.338.0");
    expect(attemptOf("heal", "c", "2.338.0")).toBe("heal:c:2.338.0");
  });

  it("forgets versions that are listed no longer, and changes nothing where all are", () => {
    const state = noteVersion(noteVersion(NOTHING_REFRESHED, "1.0", facts("2.337.0")), "2.0", facts("2.338.0"));
    expect(Object.keys(forgetVersions(state, ["2.0", "3.0"]).versions)).toEqual(["2.0"]);
    expect(forgetVersions(state, ["1.0", "2.0"])).toBe(state);
  });

  it("takes an answer for its build's version, and tells when another build came between", () => {
    expect(noteAnswer(begun, "4.0")).toEqual({ ...begun, build: { ...build, version: "4.0" }, lastOwn: "4.0" });
    expect(noteAnswer(begun, "5.0").build).toEqual({ ...build, version: "5.0", stale: true });
    expect(noteAnswer(NOTHING_REFRESHED, "4.0")).toBe(NOTHING_REFRESHED);
  });

  it("drops a build that the service refused", () => {
    expect(dropBuild(begun)).toEqual({ ...NOTHING_REFRESHED, turn: begun.turn });
  });

  it("counts failures of the same attempt until it succeeds", () => {
    const once = noteEnd(begun, "failed", end);
    const twice = noteEnd(noteBegun(once, build), "failed", { ...end, version: "5.0" });
    expect(once).toEqual({
      ...NOTHING_REFRESHED,
      lastOwn: "4.0",
      turn: begun.turn,
      failures: { "build:c:2.338.0": { count: 1, lastMs: now.getTime() } },
    });
    expect(twice.failures["build:c:2.338.0"]?.count).toBe(2);
    const heal = noteEnd(noteBegun(twice, { ...build, attempted: "heal:c:2.337.0" }), "built", end);
    expect(heal.failures["build:c:2.338.0"]?.count).toBe(2);
    expect(noteEnd(noteBegun(heal, build), "built", end).failures).toEqual({});
    expect(noteEnd(NOTHING_REFRESHED, "built", end)).toBe(NOTHING_REFRESHED);
  });

  it("remembers the last ten attempts that failed", () => {
    let state = NOTHING_REFRESHED;
    for (let number = 0; number < 12; number++) {
      state = noteEnd(noteBegun(state, { ...build, attempted: `build:${number}` }), "failed", end);
    }
    expect(Object.keys(state.failures)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((number) => `build:${number}`));
  });

  it("remembers a version of Terraform's that a build has covered, until the next build", () => {
    const stale = noteEnd(noteAnswer(begun, "5.0"), "built", { ...end, version: "5.0", terraform: "4.0" });
    expect(stale.covered).toBe("4.0");
    expect(noteEnd(noteBegun(stale, build), "built", end).covered).toBeUndefined();
    const unknown = noteEnd(noteAnswer(begun, "5.0"), "built", { ...end, terraform: undefined });
    expect(unknown.covered).toBeUndefined();
    const failed = noteEnd(noteBegun(stale, build), "failed", end);
    expect(failed.covered).toBe("4.0");
  });

  it("takes the newest runner that was launched, never a lower one", () => {
    const seen = noteLaunched(NOTHING_REFRESHED, facts("2.338.0"));
    expect(seen.newest).toEqual({ runner: "2.338.0", sha256: "a".repeat(64) });
    expect(noteLaunched(seen, facts("2.337.0"))).toBe(seen);
    expect(noteLaunched(seen, facts("2.338.0"))).toBe(seen);
    expect(noteLaunched(seen, facts("2.339.0")).newest?.runner).toBe("2.339.0");
  });

  it("takes a withdrawn runner for the newest no longer, and not again", () => {
    const seen = noteLaunched(NOTHING_REFRESHED, facts("2.338.0"));
    const without = noteWithdrawn(seen, "2.338.0");
    expect(without).toEqual({ ...NOTHING_REFRESHED, withdrawn: ["2.338.0"] });
    expect(noteWithdrawn(without, "2.338.0")).toBe(without);
    expect(noteLaunched(without, facts("2.338.0"))).toBe(without);
    expect(noteWithdrawn(seen, "2.300.0").newest?.runner).toBe("2.338.0");
    expect(noteWithdrawn(NOTHING_REFRESHED, "2.300.0").newest).toBeUndefined();
  });

  it("remembers ten withdrawn runners", () => {
    let state = NOTHING_REFRESHED;
    for (let number = 300; number < 312; number++) state = noteWithdrawn(state, `2.${number}.0`);
    expect(state.withdrawn).toHaveLength(10);
    expect(state.withdrawn[0]).toBe("2.302.0");
  });
});
