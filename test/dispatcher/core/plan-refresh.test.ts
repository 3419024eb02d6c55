import { describe, expect, it } from "vitest";
import { NOTHING_REFRESHED } from "../../../dispatcher/core/nothing-refreshed.ts";
import { planRefresh } from "../../../dispatcher/core/plan-refresh.ts";
import { BOUNDS, type RefreshKnowledge, type RefreshSettings } from "../../../dispatcher/core/refresh-knowledge.ts";
import type { KnownVersion, RefreshBuild, RefreshState } from "../../../dispatcher/core/refresh-state.ts";
import type { Release, RunnerReleases } from "../../../dispatcher/core/runner-releases.ts";
import type { ImageVersion } from "../../../dispatcher/core/views.ts";

const now = new Date("2026-06-30T12:30:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ago = (ms: number) => now.getTime() - ms;
const sha = "a".repeat(64);

const settings: RefreshSettings = { soakDays: 3, maxAgeDays: 60, hoursUtc: [], skipRunners: [] };

function version(number: number, change: Partial<ImageVersion> = {}): ImageVersion {
  const createdAt = new Date(ago((20 - number) * DAY));
  return { version: `${number}.0`, state: "SUCCESSFUL", status: "ACTIVE", createdAt, ...change };
}

function facts(change: Partial<KnownVersion> = {}): KnownVersion {
  return {
    ...{ runner: "2.337.0", runnerSha256: sha, builtMs: ago(5 * DAY), context: "c", key: "microvm/a.zip" },
    ...{ base: "1", baseImageArn: "arn", own: true },
    ...change,
  };
}

const release = (number: string, days: number): Release => ({
  version: number,
  sha256: sha,
  seenMs: ago(days * DAY),
});

function releases(list: Release[], dates: Record<string, number | null> = {}): RunnerReleases {
  const none = Object.fromEntries(list.map(({ version: each }) => [each, null]));
  return { checkedMs: now.getTime(), enforced: true, releases: list, refusedFromMs: { ...none, ...dates } };
}

type Change = Omit<Partial<RefreshKnowledge>, "settings" | "state"> & {
  settings?: Partial<RefreshSettings>;
  state?: Partial<RefreshState>;
};

function knowledge(change: Change = {}): RefreshKnowledge {
  return {
    now,
    imageState: "UPDATED",
    versions: [version(3)],
    bases: [{ major: "1", status: "AVAILABLE" }],
    releases: releases([release("2.337.0", 40)]),
    ...change,
    settings: { ...settings, ...change.settings },
    state: { ...NOTHING_REFRESHED, versions: { "3.0": facts() }, lastOwn: "3.0", ...change.state },
  };
}

const plan = (change: Change = {}) => planRefresh(knowledge(change));
const newer = releases([release("2.337.0", 40), release("2.338.0", 3)]);

describe("planRefresh", () => {
  it("rests when there is nothing to do", () => {
    expect(plan()).toEqual({ kind: "rest" });
  });

  it("does nothing about a version that nobody has looked into, though an older one is known", () => {
    expect(plan({ versions: [version(3), version(4)], releases: newer })).toEqual({ kind: "rest" });
    expect(plan({ imageState: "UPDATE_FAILED", state: { versions: {} } })).toEqual({ kind: "rest" });
  });
});

const building: RefreshBuild = {
  ...{
    rule: "renew" as const,
    from: "3.0",
    runner: "2.338.0",
    attempted: "build:c:2.338.0",
    key: "k",
    rescue: false,
    expected: "4.0",
  },
  ...{ startedMs: ago(5 * MINUTE), version: "4.0" },
};

describe("follow", () => {
  it.each(["CREATING", "UPDATING", "DELETING"] as const)("leaves an image alone that is %s", (imageState) => {
    expect(plan({ imageState, releases: newer })).toEqual({ kind: "follow" });
  });

  it("tells of a build of ours after 60 minutes", () => {
    const at = (ms: number) => ({ build: { ...building, startedMs: ago(ms) } });
    expect(plan({ imageState: "UPDATING", state: at(HOUR - 1) })).toEqual({ kind: "follow" });
    expect(plan({ imageState: "UPDATING", state: at(HOUR) })).toEqual({ kind: "follow", stuck: at(HOUR).build });
  });
});

describe("settle", () => {
  const state = { build: building };

  it("sees a build that succeeded", () => {
    const settled = plan({ state, versions: [version(3), version(4)] });
    expect(settled).toEqual({ kind: "settle", build: building, outcome: "built", version: "4.0" });
  });

  it("sees one that failed, also when its version was deleted since", () => {
    const failed = { kind: "settle", build: building, outcome: "failed", version: "4.0" };
    const versions = [version(3), version(4, { state: "FAILED", status: "INACTIVE" })];
    expect(plan({ state, imageState: "UPDATE_FAILED", versions })).toEqual(failed);
    expect(plan({ state })).toEqual(failed);
  });

  it("gives a build without an answer two minutes, then takes it for never begun", () => {
    const { version: _, ...unanswered } = building;
    const at = (ms: number) => ({ build: { ...unanswered, startedMs: ago(ms) } });
    expect(plan({ state: at(2 * MINUTE - 1) })).toEqual({ kind: "follow" });
    const lost = at(2 * MINUTE);
    expect(plan({ state: lost })).toEqual({ kind: "settle", build: lost.build, outcome: "lost" });
  });
});

describe("heal", () => {
  const failedAt = (ms: number) => version(4, { state: "FAILED", status: "INACTIVE", createdAt: new Date(ago(ms)) });
  const heal = { rule: "heal", from: "3.0", rescue: false, attempted: "heal:c:2.337.0" };

  it("builds the latest active version's context again, at once after a failure of ours", () => {
    const change = { imageState: "UPDATE_FAILED", versions: [version(3), failedAt(MINUTE)] } as const;
    expect(plan({ ...change, state: { lastOwn: "4.0" } })).toEqual({ kind: "build", build: heal });
  });

  it("leaves whoever applies 30 minutes", () => {
    const at = (ms: number) => plan({ imageState: "UPDATE_FAILED", versions: [version(3), failedAt(ms)] });
    expect(at(30 * MINUTE - 1)).toEqual({ kind: "wait", build: heal, because: "quiet" });
    expect(at(30 * MINUTE)).toEqual({ kind: "build", build: heal });
  });

  it("heals also when the version that failed is gone", () => {
    expect(plan({ imageState: "UPDATE_FAILED" })).toEqual({ kind: "build", build: heal });
  });

  it("waits for a working version that it does not know of", () => {
    expect(plan({ imageState: "CREATE_FAILED", versions: [failedAt(HOUR)] })).toEqual({ kind: "rest" });
  });

  it("goes on after five failures, once a day", () => {
    const at = (ms: number) =>
      plan({
        imageState: "UPDATE_FAILED",
        state: { failures: { "heal:c:2.337.0": { count: 9, lastMs: ago(ms) } } },
      });
    expect(at(DAY - 1)).toMatchObject({ kind: "wait", because: "pause" });
    expect(at(DAY)).toMatchObject({ kind: "build" });
  });
});

describe("withdraw", () => {
  const two = {
    versions: [version(3), version(4)],
    releases: newer,
    state: { versions: { "3.0": facts({ own: false }), "4.0": facts({ runner: "2.338.0" }) } },
  };

  it("goes back to the version before when GitHub refuses a runner that it calls current", () => {
    const withdrawn = { kind: "withdraw", version: "4.0", runner: "2.338.0" };
    expect(plan({ ...two, heldVersion: "4.0" })).toEqual(withdrawn);
    expect(plan({ ...two, state: { ...two.state, withdrawn: ["2.338.0"] } })).toEqual(withdrawn);
  });

  it("passes over versions with the same runner", () => {
    const versions = { ...two.state.versions, "5.0": facts({ runner: "2.338.0" }) };
    const three = { ...two, versions: [...two.versions, version(5)], state: { versions } };
    expect(plan({ ...three, heldVersion: "4.0" })).toMatchObject({ kind: "withdraw", version: "5.0" });
  });

  it("keeps what Terraform built, and builds it with another runner", () => {
    const state = { versions: { "3.0": facts(), "4.0": facts({ runner: "2.338.0", own: false }) } };
    const good = releases(newer.releases.slice(), { "2.337.0": ago(-50 * DAY) });
    expect(plan({ ...two, state, releases: good, heldVersion: "4.0" })).toMatchObject({
      kind: "build",
      build: { rule: "rescue", from: "4.0", runner: { version: "2.337.0" }, rescue: true, withdrawn: "2.338.0" },
    });
    const below = {
      "3.0": facts(),
      "4.0": facts({ runner: "2.338.0", own: false }),
      "5.0": facts({ runner: "2.338.0" }),
    };
    const versions = [...two.versions, version(5)];
    expect(plan({ versions, releases: good, state: { versions: below }, heldVersion: "5.0" })).toMatchObject({
      kind: "build",
      build: { rule: "rescue", from: "5.0" },
    });
  });

  it("stays where the older version's runner is refused too, or there is none", () => {
    const refused = releases(newer.releases.slice(), { "2.337.0": ago(DAY) });
    expect(plan({ ...two, releases: refused, heldVersion: "4.0" })).toEqual({ kind: "rest" });
    const alone = {
      versions: [version(4)],
      releases: newer,
      state: { versions: { "4.0": facts({ runner: "2.338.0" }) } },
    };
    expect(plan({ ...alone, heldVersion: "4.0" })).toMatchObject({ kind: "build", build: { rule: "rescue" } });
  });

  it("has nothing to do with a runner whose date is past: that is what rescue is for", () => {
    const past = releases(newer.releases.slice(), { "2.338.0": ago(DAY) });
    expect(plan({ ...two, releases: past, heldVersion: "4.0" })).toMatchObject({ build: { rule: "rescue" } });
  });

  it("changes nothing for a version that is launched no longer, with another runner", () => {
    expect(plan({ ...two, heldVersion: "3.0" })).toEqual({ kind: "rest" });
  });
});

describe("return", () => {
  const newest = { runner: "2.338.0", sha256: "b".repeat(64) };
  const applied = {
    versions: [version(3), version(4, { createdAt: new Date(ago(MINUTE)) })],
    state: { versions: { "3.0": facts({ runner: "2.338.0" }), "4.0": facts({ own: false }) }, newest },
    releases: newer,
  };
  const back = {
    ...{ rule: "return", from: "4.0", runner: { version: "2.338.0", sha256: newest.sha256 } },
    ...{ rescue: false, attempted: "build:c:2.338.0" },
  };

  it("brings a newer runner back after an apply, at once and at any hour", () => {
    expect(plan({ ...applied, settings: { hoursUtc: [3] } })).toEqual({ kind: "build", build: back });
  });

  it("has nothing to bring back to a version of ours, or where nothing newer was there", () => {
    const own = { "4.0": facts() };
    expect(plan({ ...applied, state: { ...applied.state, versions: own, lastOwn: "4.0" } })).toMatchObject({
      build: { rule: "renew" },
    });
    const same = { "4.0": facts({ runner: "2.338.0", own: false }) };
    expect(plan({ ...applied, state: { ...applied.state, versions: same } })).toEqual({ kind: "rest" });
    const { newest: _, ...nothing } = applied.state;
    expect(plan({ ...applied, state: nothing })).toMatchObject({ kind: "wait", build: { rule: "renew" } });
  });

  it("brings no runner back that is refused or skipped", () => {
    const refused = releases([release("2.337.0", 40), release("2.338.0", 3)], { "2.338.0": ago(DAY) });
    expect(plan({ ...applied, releases: refused })).toEqual({ kind: "rest" });
    expect(plan({ ...applied, settings: { skipRunners: ["2.338.0"] } })).toEqual({ kind: "rest" });
  });

  it("builds what Terraform brought while a build of ours was asked for", () => {
    const covered = {
      versions: [version(3), version(4), version(5)],
      state: {
        versions: { "4.0": facts({ own: false, context: "d" }), "5.0": facts({ runner: "2.338.0" }) },
        covered: "4.0",
      },
    };
    expect(plan(covered)).toMatchObject({
      kind: "build",
      build: { rule: "return", from: "4.0", runner: { version: "2.338.0" }, attempted: "build:d:2.338.0" },
    });
    expect(plan({ ...covered, state: { ...covered.state, covered: "2.0" } })).toEqual({ kind: "rest" });
  });
});

describe("rescue", () => {
  const refused = (change: Record<string, number | null> = {}, list = newer.releases.slice()) =>
    releases(list, { "2.337.0": ago(1), ...change });
  const rescue = {
    rule: "rescue",
    from: "3.0",
    runner: { version: "2.338.0", sha256: sha },
    attempted: "build:c:2.338.0",
  };

  it("takes the newest release at once when GitHub refuses the runner", () => {
    const young = refused({}, [release("2.337.0", 40), release("2.338.0", 0)]);
    const plans = plan({ releases: young, settings: { hoursUtc: [3] }, state: { lastOwn: "2.0" } });
    expect(plans).toEqual({ kind: "build", build: { ...rescue, rescue: true } });
    const recent = version(3, { createdAt: new Date(ago(MINUTE)) });
    expect(plan({ releases: young, versions: [recent], state: { lastOwn: "2.0" } })).toMatchObject({ kind: "build" });
  });

  it("does so with fewer than 7 days left, but leaves whoever applies alone", () => {
    const left = (days: number) =>
      refused({ "2.337.0": ago(-days * DAY) }, [release("2.337.0", 40), release("2.338.0", 0)]);
    expect(plan({ releases: left(7) })).toEqual({ kind: "rest" });
    expect(plan({ releases: left(6.9) })).toEqual({ kind: "build", build: { ...rescue, rescue: false } });
    const recent = version(3, { createdAt: new Date(ago(HOUR - 1)) });
    expect(plan({ releases: left(6), versions: [recent], state: { lastOwn: "2.0" } })).toMatchObject({
      because: "quiet",
    });
  });

  it("takes no release that is refused, skipped or of an unknown date, and then an older one", () => {
    const three = [release("2.336.0", 80), release("2.337.0", 40), release("2.338.0", 3)];
    const none = refused({ "2.336.0": ago(DAY), "2.338.0": ago(MINUTE) }, three);
    expect(plan({ releases: none })).toEqual({ kind: "rest" });
    const older = refused({ "2.336.0": ago(-DAY), "2.338.0": ago(0) }, three);
    expect(plan({ releases: older })).toMatchObject({ build: { runner: { version: "2.336.0" } } });
    expect(plan({ releases: older, settings: { skipRunners: ["2.336.0"] } })).toEqual({ kind: "rest" });
    const { "2.336.0": _, ...dates } = older.refusedFromMs;
    expect(plan({ releases: { ...older, refusedFromMs: dates } })).toEqual({ kind: "rest" });
  });

  it("takes a release that GitHub offers and knows no date of", () => {
    const { "2.338.0": _, ...dates } = refused().refusedFromMs;
    expect(plan({ releases: { ...refused(), refusedFromMs: dates } })).toMatchObject({ build: { rule: "rescue" } });
  });

  it("takes no older runner as long as this one is not refused", () => {
    const list = [release("2.336.0", 80), release("2.337.0", 40)];
    expect(plan({ releases: refused({ "2.337.0": ago(-DAY) }, list) })).toEqual({ kind: "rest" });
  });

  it("is not ended by five failures, which end a renewal", () => {
    const failures = { "build:c:2.338.0": { count: 5, lastMs: ago(DAY) } };
    expect(plan({ releases: newer, state: { failures } })).toEqual({ kind: "rest" });
    expect(plan({ releases: refused(), state: { failures } })).toMatchObject({ kind: "build" });
  });
});

describe("renew", () => {
  const renewal = {
    ...{ rule: "renew", from: "3.0", runner: { version: "2.338.0", sha256: sha }, rescue: false },
    attempted: "build:c:2.338.0",
  };

  it("takes a newer release once it was seen for its days", () => {
    expect(plan({ releases: newer })).toEqual({ kind: "build", build: renewal });
    const young = { ...release("2.338.0", 3), seenMs: ago(3 * DAY - 1) };
    expect(plan({ releases: releases([release("2.337.0", 40), young]) })).toEqual({ kind: "rest" });
  });

  it("takes the newest of several, or the one before while the newest soaks", () => {
    const list = [release("2.337.0", 40), release("2.338.0", 9), release("2.338.1", 5), release("2.339.0", 1)];
    expect(plan({ releases: releases(list) })).toMatchObject({ build: { runner: { version: "2.338.1" } } });
  });

  it("never takes one with a date, one of an unknown date, one to skip, one that was withdrawn, or a lower one", () => {
    expect(plan({ releases: releases(newer.releases.slice(), { "2.338.0": ago(-90 * DAY) }) })).toEqual({
      kind: "rest",
    });
    expect(plan({ releases: { ...newer, refusedFromMs: { "2.337.0": null } } })).toEqual({ kind: "rest" });
    expect(plan({ releases: newer, settings: { skipRunners: ["2.338.0"] } })).toEqual({ kind: "rest" });
    expect(plan({ releases: newer, state: { withdrawn: ["2.338.0"] } })).toEqual({ kind: "rest" });
    expect(plan({ releases: releases([release("2.336.0", 40)]) })).toEqual({ kind: "rest" });
  });

  it("needs no date where GitHub refuses no runner", () => {
    expect(plan({ releases: { ...newer, enforced: false, refusedFromMs: {} } })).toMatchObject({ kind: "build" });
  });

  it("waits for its hour, in UTC", () => {
    expect(plan({ releases: newer, settings: { hoursUtc: [3, 11] } })).toMatchObject({
      kind: "wait",
      because: "hours",
    });
    expect(plan({ releases: newer, settings: { hoursUtc: [3, 12] } })).toMatchObject({ kind: "build" });
  });

  it("leaves whoever applies 60 minutes", () => {
    const at = (ms: number) => version(3, { createdAt: new Date(ago(ms)) });
    expect(plan({ releases: newer, versions: [at(HOUR - 1)], state: { lastOwn: "2.0" } })).toMatchObject({
      because: "quiet",
    });
    expect(plan({ releases: newer, versions: [at(HOUR)], state: { lastOwn: "2.0" } })).toMatchObject({ kind: "build" });
    expect(plan({ releases: newer, versions: [at(MINUTE)] })).toMatchObject({ kind: "build" });
  });

  it.each([
    [1, 15 * MINUTE],
    [2, HOUR],
    [3, 4 * HOUR],
    [4, 12 * HOUR],
  ])("pauses after failure %i of the same", (count, pause) => {
    const at = (ms: number) =>
      plan({ releases: newer, state: { failures: { "build:c:2.338.0": { count, lastMs: ago(ms) } } } });
    expect(at(pause - 1)).toMatchObject({ kind: "wait", because: "pause" });
    expect(at(pause)).toMatchObject({ kind: "build" });
  });

  it("tries again after five failures only with another release or another context", () => {
    const failures = { "build:c:2.338.0": { count: 5, lastMs: ago(90 * DAY) } };
    expect(plan({ releases: newer, state: { failures } })).toEqual({ kind: "rest" });
    const next = releases([...newer.releases, release("2.339.0", 3)]);
    expect(plan({ releases: next, state: { failures } })).toMatchObject({ build: { runner: { version: "2.339.0" } } });
    const versions = { "3.0": facts({ context: "d" }) };
    expect(plan({ releases: newer, state: { failures, versions } })).toMatchObject({ kind: "build" });
  });

  it("leaves the last ten of the service's 50 versions to whoever applies", () => {
    const many = (count: number) => [
      ...Array.from({ length: count - 1 }, (_, index) => version(index - 60, { state: "FAILED", status: "INACTIVE" })),
      version(3),
    ];
    expect(plan({ releases: newer, versions: many(40) })).toMatchObject({ kind: "wait", because: "versions" });
    expect(plan({ releases: newer, versions: many(39) })).toMatchObject({ kind: "build" });
  });
});

describe("age", () => {
  const old = (days: number) => ({ versions: { "3.0": facts({ builtMs: ago(days * DAY) }) } });
  const rebuild = {
    ...{ rule: "age", from: "3.0", runner: { version: "2.337.0", sha256: sha }, rescue: false },
    attempted: "build:c:2.337.0",
  };

  it("builds an old image again", () => {
    expect(plan({ state: old(60) })).toEqual({ kind: "build", build: rebuild });
    expect(plan({ state: old(59.9) })).toEqual({ kind: "rest" });
  });

  it("never does for age alone with 0 days", () => {
    expect(plan({ state: old(900), settings: { maxAgeDays: 0 } })).toEqual({ kind: "rest" });
  });

  it("waits for its hour, and for whoever applies", () => {
    expect(plan({ state: old(60), settings: { hoursUtc: [3] } })).toMatchObject({ because: "hours" });
    const recent = version(3, { createdAt: new Date(ago(MINUTE)) });
    expect(plan({ state: { ...old(60), lastOwn: "2.0" }, versions: [recent] })).toMatchObject({ because: "quiet" });
  });

  it("is what somebody gets who asks for a build now, whatever keeps others back", () => {
    const failures = { "build:c:2.337.0": { count: 7, lastMs: ago(MINUTE) } };
    const recent = version(3, { createdAt: new Date(ago(MINUTE)) });
    const change = { state: { failures, lastOwn: "2.0" }, versions: [recent], settings: { hoursUtc: [3] } };
    expect(plan({ ...change, rebuild: true })).toEqual({ kind: "build", build: rebuild });
    expect(plan({ imageState: "UPDATING", rebuild: true })).toEqual({ kind: "follow" });
    expect(plan({ ...change, releases: newer, rebuild: true })).toMatchObject({
      kind: "build",
      build: { rule: "renew" },
    });
  });

  it("takes the newest base that is available once AWS deprecates this one", () => {
    const bases = [
      { major: "1", status: "DEPRECATED" },
      { major: "9", status: "AVAILABLE" },
      { major: "10", status: "AVAILABLE" },
      { major: "11", status: "DEPRECATED" },
    ] as const;
    const moved = { ...rebuild, base: "10", attempted: "build:c@10:2.337.0" };
    expect(plan({ bases, settings: { maxAgeDays: 0 } })).toEqual({ kind: "build", build: moved });
    expect(plan({ bases: bases.slice(0, 1) })).toEqual({ kind: "rest" });
    expect(plan({ bases, state: { versions: { "3.0": facts({ base: "10" }) } } })).toEqual({ kind: "rest" });
  });
});

describe("each bound of planRefresh", () => {
  const failed = version(4, { state: "FAILED", status: "INACTIVE", createdAt: new Date(ago(MINUTE)) });
  const once = { failures: { "build:c:2.338.0": { count: 1, lastMs: ago(MINUTE) } } };
  const five = { failures: { "build:c:2.338.0": { count: 5, lastMs: ago(9 * DAY) } } };
  const applied = { versions: [version(3, { createdAt: new Date(ago(MINUTE)) })], state: { lastOwn: "2.0" } };
  const many = Array.from({ length: 45 }, (_, index) => version(index - 60, { state: "FAILED", status: "INACTIVE" }));
  const { version: _, ...unanswered } = { ...building, startedMs: ago(MINUTE) };
  const soon = releases([release("2.337.0", 40), release("2.338.0", 0)], { "2.337.0": ago(-3 * DAY) });
  const cases: Record<keyof typeof BOUNDS, { without: object; change: Change }> = {
    stuckMs: {
      without: { stuckMs: Infinity },
      change: { imageState: "UPDATING", state: { build: { ...building, startedMs: ago(HOUR) } } },
    },
    lostMs: { without: { lostMs: 0 }, change: { state: { build: unanswered } } },
    healTerraformMs: {
      without: { healTerraformMs: 0 },
      change: { imageState: "UPDATE_FAILED", versions: [version(3), failed] },
    },
    quietMs: { without: { quietMs: 0 }, change: { releases: newer, ...applied } },
    pausesMs: { without: { pausesMs: [] }, change: { releases: newer, state: once } },
    maxFailures: { without: { maxFailures: Infinity }, change: { releases: newer, state: five } },
    maxVersions: { without: { maxVersions: Infinity }, change: { releases: newer, versions: [...many, version(3)] } },
    urgentDays: { without: { urgentDays: 0 }, change: { releases: soon } },
  };

  it.each(Object.entries(cases))("keeps something back or brings it on: %s", (_name, { without, change }) => {
    expect(planRefresh(knowledge(change), { ...BOUNDS, ...without })).not.toEqual(plan(change));
  });
});
