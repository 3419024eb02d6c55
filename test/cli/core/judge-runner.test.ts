import { describe, expect, it } from "vitest";
import { judgeRunner, type RunnerView } from "../../../cli/core/judge-runner.ts";
import { NOTHING_REFRESHED } from "../../../dispatcher/core/nothing-refreshed.ts";
import { noteVersion, type RefreshBuild } from "../../../dispatcher/core/refresh-state.ts";
import { NO_HOLD } from "../../../dispatcher/core/runner-hold.ts";
import { NO_RELEASES } from "../../../dispatcher/core/runner-releases.ts";

const now = new Date("2026-11-27T12:00:00Z");
const DAY_MS = 24 * 3_600_000;
const sha256 = "a".repeat(64);
const state = noteVersion(NOTHING_REFRESHED, "3.0", {
  ...{ runner: "2.337.0", runnerSha256: sha256, builtMs: 0, context: "c", key: "k" },
  ...{ base: "1", baseImageArn: "arn", own: true },
});
const newer = (days: number) => ({
  ...NO_RELEASES,
  releases: [{ version: "2.338.0", sha256, seenMs: now.getTime() - days * DAY_MS }],
});
const build: RefreshBuild = {
  ...{ rule: "rescue", from: "3.0", runner: "2.338.0", attempted: "a", key: "k", rescue: true, expected: "4.0" },
  ...{ startedMs: now.getTime(), version: "4.0" },
};

const verdict = (change: Partial<RunnerView> = {}) =>
  judgeRunner(
    { value: { state, releases: NO_RELEASES, hold: NO_HOLD, imageVersion: "3.0", mode: "auto", ...change } },
    now,
  );

describe("judgeRunner", () => {
  it("passes what GitHub takes, and says for how long", () => {
    expect(verdict()).toMatchObject({ outcome: "pass", text: "2.337.0 in version 3.0, built again by itself" });
    expect(verdict({ releases: newer(2) })).toMatchObject({
      outcome: "pass",
      text: "2.337.0 in version 3.0, the newest is 2.338.0, GitHub takes it for 28 more days, built again by itself",
    });
    const same = { ...newer(2), releases: [{ version: "2.337.0", sha256, seenMs: 0 }] };
    expect(verdict({ releases: same, mode: "watch" }).text).toContain("the newest, watched only");
  });

  it("has nothing to say before the function has looked", () => {
    expect(verdict({ state: NOTHING_REFRESHED })).toMatchObject({ outcome: "pass" });
  });

  it("fails with fewer than 21 days left, and says who is to act", () => {
    expect(verdict({ releases: newer(9) })).toMatchObject({ outcome: "pass" });
    expect(verdict({ releases: newer(10) })).toMatchObject({
      outcome: "fail",
      fix: expect.stringContaining("refresh function"),
    });
    expect(verdict({ releases: newer(10), mode: "watch" }).fix).toContain("remove image_version");
  });

  it("fails when GitHub refuses it, by its date or by what MicroVMs met", () => {
    const past = { ...NO_RELEASES, refusedFromMs: { "2.337.0": now.getTime() } };
    const refused = "GitHub refuses runner 2.337.0 of version 3.0";
    expect(verdict({ releases: past })).toMatchObject({ outcome: "fail", text: refused });
    expect(verdict({ releases: past, mode: "watch" }).fix).toContain("apply a newer runner");
    expect(verdict({ releases: past, state: { ...state, build } }).fix).toContain(
      "4.0 is being built since 2026-11-27",
    );
    const { version: _, ...unanswered } = build;
    expect(verdict({ releases: past, state: { ...state, build: unanswered } }).fix).toContain(
      "a version is being built",
    );
    const hold = { ...NO_HOLD, imageVersion: "3.0", known: true };
    expect(verdict({ hold })).toMatchObject({ outcome: "fail", text: refused });
    expect(verdict({ hold: { ...hold, imageVersion: "2.0" } })).toMatchObject({ outcome: "pass" });
  });
});
