import { describe, expect, it } from "vitest";
import { INITIAL_DEPLOYMENT } from "../../../dispatcher/core/deployment.ts";
import type { JobRecord, Launch } from "../../../dispatcher/core/job.ts";
import { planWatch } from "../../../dispatcher/core/plan-watch.ts";
import { END_REASONS } from "../../../dispatcher/core/relaunch.ts";
import type { LaunchView, WatchKnowledge } from "../../../dispatcher/core/standing.ts";
import type { JobView, Microvm, Runner } from "../../../dispatcher/core/views.ts";

const now = new Date("2026-01-01T12:00:00Z");
const ms = (secondsAgo: number) => now.getTime() - secondsAgo * 1_000;
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000).toISOString();

const queued: JobView = { status: "queued", conclusion: null, runnerName: null };
const over: JobView = { status: "completed", conclusion: "success", runnerName: "gha-11-1" };
const onOurs: JobView = { status: "in_progress", conclusion: null, runnerName: "gha-11-1" };
const onOther: JobView = { status: "in_progress", conclusion: null, runnerName: "gha-99-1" };

const alive: Microvm = { microvmId: "microvm-1", state: "RUNNING", imageVersion: "1.0", startedAt: now };
const dead: Microvm = { ...alive, state: "TERMINATED" };
const idle: Runner = { id: 1, name: "gha-11-1", status: "online", busy: false };
const busy: Runner = { ...idle, busy: true };
const offline: Runner = { ...idle, status: "offline" };

function launch(age: number, change: Partial<Launch> = {}): Launch {
  return {
    number: 1,
    state: "running",
    runnerName: "gha-11-1",
    runnerId: 1,
    microvmId: "microvm-1",
    claimedAt: ago(age),
    launchedAt: ago(age),
    ...change,
  };
}

function record(launches: Launch[], change: Partial<JobRecord> = {}): JobRecord {
  return {
    jobId: 11,
    runId: 22,
    repository: "acme/shop",
    labels: ["microvm"],
    deliveryId: "d-1",
    launches,
    createdAt: ago(3_600),
    version: 3,
    expiresAt: 1,
    ...change,
  };
}

function withoutMicrovm({ microvmId: _, ...rest }: Launch): Launch {
  return rest;
}

function plan(launches: Launch[], job: WatchKnowledge["job"], view: Partial<LaunchView> = {}, change = {}) {
  const views = new Map<number, LaunchView>(
    launches.map(({ number }) => [number, { runner: idle, microvm: alive, ...view }]),
  );
  const known = { record: record(launches, change), job, views, owed: { kind: "none" as const } };
  return planWatch({ ...known, deployment: INITIAL_DEPLOYMENT, now });
}

const kinds = (decision: ReturnType<typeof plan>) => decision.actions.map((action) => action.kind);

describe("a queued job", () => {
  it.each([
    ["its MicroVM boots", 30, "absent"],
    ["its runner is offline and young", 200, offline],
    ["its runner is online and idle", 3_000, idle],
    ["GitHub's list could not be had", 3_000, "unknown"],
  ] as const)("is waited for while %s", (_, age, runner) => {
    const decision = plan([launch(age, { idleAt: ago(0) })], queued, { runner });
    expect(decision).toEqual({ actions: [], againSeconds: age < 300 ? 30 : 60 });
  });

  it.each([
    ["its MicroVM has died", 30, { microvm: dead }],
    ["the service forgot its MicroVM", 200, { microvm: "gone" as const }],
    ["its runner never came", 301, { runner: offline }],
    ["its registration is gone", 121, { runner: "absent" as const }],
  ])("loses the launch when %s, and is looked at again at once", (_, age, view) => {
    const decision = plan([launch(age)], queued, view);
    expect(kinds(decision)).toEqual(["end"]);
    expect(decision.againSeconds).toBe(0);
  });

  it("has its dead MicroVM ended without asking whether its runner is busy", () => {
    expect(plan([launch(30)], queued, { microvm: dead }).actions).toMatchObject([{ kind: "end", dead: true }]);
    expect(plan([launch(200)], queued, { microvm: "gone" }).actions).toMatchObject([{ kind: "end", dead: false }]);
    expect(plan([launch(28_800)], queued, { microvm: "gone" }).actions).toMatchObject([{ kind: "end", dead: true }]);
    expect(plan([launch(301)], queued, { runner: offline }).actions).toMatchObject([{ kind: "end", dead: false }]);
  });

  it("has it noted once that its runner was online and idle", () => {
    expect(kinds(plan([launch(100)], queued))).toEqual(["note-idle"]);
    expect(kinds(plan([launch(100, { idleAt: ago(30) })], queued))).toEqual([]);
    expect(kinds(plan([launch(100)], queued, { runner: offline }))).toEqual([]);
  });

  it("is told when its MicroVM died, which is until when that is paid for", () => {
    const [end] = plan([launch(300)], queued, { microvm: { ...dead, terminatedAt: new Date(ms(200)) } }).actions;
    expect(end).toMatchObject({ kind: "end", diedAt: new Date(ms(200)) });
    expect(plan([launch(300)], queued, { microvm: dead }).actions[0]).toMatchObject({ kind: "end", diedAt: undefined });
  });

  it("does not take the service's lag for a dead MicroVM", () => {
    expect(plan([launch(30, { idleAt: ago(0) })], queued, { microvm: "gone" }).actions).toEqual([]);
  });

  it("gets another when its runner has another job and nobody else came within a minute", () => {
    expect(kinds(plan([launch(60)], queued, { runner: busy }))).toEqual(["note-swap"]);
    expect(kinds(plan([launch(90, { swappedAt: ago(30) })], queued, { runner: busy }))).toEqual([]);
    expect(kinds(plan([launch(120, { swappedAt: ago(60) })], queued, { runner: busy }))).toEqual(["relaunch"]);
  });

  it("gets no other while one is being made, and another try when that got stuck", () => {
    const made = launch(10, { state: "claimed" });
    expect(plan([made], queued).actions).toEqual([]);
    expect(kinds(plan([launch(400, { state: "claimed" })], queued))).toEqual(["resend"]);
    expect(plan([launch(1_800, { state: "claimed", resentAt: ago(899) })], queued).actions).toEqual([]);
    expect(kinds(plan([launch(1_800, { state: "claimed", resentAt: ago(900) })], queued))).toEqual(["resend"]);
    expect(plan([launch(4_000, { state: "claimed", resentAt: ago(1_999) })], queued).actions).toEqual([]);
    expect(kinds(plan([launch(4_000, { state: "claimed", resentAt: ago(2_000) })], queued))).toEqual(["resend"]);
    const waiting = launch(4_000, { state: "claimed", slotAt: ago(-100) });
    expect(plan([waiting], queued).actions).toEqual([]);
  });

  it("is looked at often while one is being made that was claimed a moment ago, and each minute later", () => {
    const made = (age: number): Launch => ({
      number: 1,
      state: "claimed",
      runnerName: "gha-11-1",
      claimedAt: ago(age),
      slotAt: ago(-100),
    });
    expect(plan([made(299)], queued).againSeconds).toBe(30);
    expect(plan([made(300)], queued).againSeconds).toBe(60);
  });

  const ended = (count: number, change: Partial<Launch>): Launch[] =>
    Array.from({ length: count }, (_, index) => launch(3_000, { number: index + 1, state: "ended", ...change }));

  it.each([
    ["none was launched yet", []],
    ["a MicroVM died", ended(1, { endReason: "no runner", endedAt: ago(1) })],
    ["a third one died", ended(3, { endReason: "MicroVM gone", endedAt: ago(1) })],
    ["its runner got nothing, a minute ago", ended(1, { endReason: "runner exited", endedAt: ago(60) })],
    ["five runners got nothing, an hour ago", ended(5, { endReason: "runner exited", endedAt: ago(3_600) })],
    ["its runner had another job", ended(1, { endReason: "runner exited", ranJobId: 12, endedAt: ago(1) })],
  ])("is launched for when %s", (_, launches) => {
    expect(kinds(plan(launches, queued))).toEqual(["relaunch"]);
  });

  it.each([
    ["its runner got nothing", ended(1, { endReason: "runner exited", endedAt: ago(20) }), 40],
    [
      "its runner was seen idle and its MicroVM died",
      ended(1, { endReason: "MicroVM gone", idleAt: ago(200), endedAt: ago(20) }),
      40,
    ],
    ["two runners got nothing", ended(2, { endReason: "runner exited", endedAt: ago(200) }), 100],
    ["five runners got nothing", ended(5, { endReason: "runner exited", endedAt: ago(3_500) }), 100],
    ["nine runners got nothing", ended(9, { endReason: "runner exited", endedAt: ago(100) }), 180],
  ])("waits for its turn after %s", (_, launches, againSeconds) => {
    expect(plan(launches, queued)).toEqual({ actions: [{ kind: "wait-turn" }], againSeconds });
  });

  it("has somebody told once when the fourth MicroVM in a row has died, and waits from then on", () => {
    const died = ended(4, { endReason: "no runner", endedAt: ago(20) });
    expect(kinds(plan(died, queued))).toEqual(["tell"]);
    expect(plan(died, queued, {}, { exhaustedAt: ago(10) })).toMatchObject({ actions: [], againSeconds: 40 });
    const later = ended(4, { endReason: "no runner", endedAt: ago(60) });
    expect(kinds(plan(later, queued, {}, { exhaustedAt: ago(10) }))).toEqual(["relaunch"]);
  });

  it("does not count what came before GitHub queued it anew", () => {
    const died = ended(6, { endReason: "no runner", endedAt: ago(1) });
    expect(kinds(plan(died, queued, {}, { freshFrom: 6 }))).toEqual(["relaunch"]);
  });

  it("gets the next launch at once when GitHub refused the runner of its MicroVM, whose message is done", () => {
    const refused = launch(30, { state: "ended", endedAt: ago(1), endReason: END_REASONS.runnerRefused });
    expect(kinds(plan([refused], queued))).toEqual(["relaunch"]);
  });

  it("leaves a launch that was refused to its message, which comes back, unless that is lost", () => {
    const refused = (seconds: number) =>
      ended(1, { endReason: "RefusedError", endedAt: ago(seconds) }).map(withoutMicrovm);
    expect(plan(refused(20), queued)).toEqual({ actions: [], againSeconds: 180 });
    expect(kinds(plan(refused(900), queued))).toEqual(["relaunch"]);
  });

  it("is launched out of turn when GitHub gives jobs again that gave none while its runner was idle", () => {
    const idleEnded = ended(5, { endReason: "runner exited", endedAt: ago(1_000) });
    const gap = (from: number, to: number) => ({ ...INITIAL_DEPLOYMENT, gap: { fromMs: ms(from), toMs: ms(to) } });
    const known = { record: record(idleEnded), job: queued, views: new Map(), owed: { kind: "none" as const }, now };
    const actionOf = (from: number, to: number) => planWatch({ ...known, deployment: gap(from, to) }).actions[0];
    expect(actionOf(5_000, 10)).toMatchObject({ kind: "relaunch", cause: "recovery" });
    // Others were given jobs while its runner was idle; or GitHub gave jobs again before that runner ended.
    expect(actionOf(1_100, 10)).toEqual({ kind: "wait-turn" });
    expect(actionOf(5_000, 1_001)).toEqual({ kind: "wait-turn" });
    const swapped = idleEnded.map((one, index) =>
      index === 4 ? { ...one, cause: "recovery" as const, ranJobId: 12 } : one,
    );
    expect(planWatch({ ...known, record: record(swapped), deployment: INITIAL_DEPLOYMENT }).actions[0]).toMatchObject({
      kind: "relaunch",
      cause: "recovery",
    });
    const again = idleEnded.map((one, index) => (index === 4 ? { ...one, cause: "recovery" as const } : one));
    expect(planWatch({ ...known, record: record(again), deployment: gap(5_000, 10) }).actions[0]).toMatchObject({
      kind: "wait-turn",
    });
  });
});

describe("a job that GitHub holds back", () => {
  const waiting: JobView = { status: "waiting", conclusion: null, runnerName: null };

  it("gets no launch, loses an idle runner, and is looked at once an hour", () => {
    expect(kinds(plan([launch(90)], waiting))).toEqual(["end"]);
    expect(plan([launch(90, { state: "ended" })], waiting)).toEqual({ actions: [], againSeconds: 3_600 });
  });
});

describe("a job that GitHub does not know", () => {
  it("is over only at the fifth look in a row that does not find it", () => {
    const none = [launch(90, { state: "ended" })];
    const noted = { actions: [{ kind: "note-gone" }], againSeconds: 180 };
    expect(plan(none, "gone")).toEqual(noted);
    expect(plan(none, "gone", {}, { goneAt: ago(150), goneLooks: 3 })).toEqual(noted);
    expect(plan(none, "gone", {}, { goneAt: ago(149), goneLooks: 4 })).toEqual({ actions: [], againSeconds: 180 });
    expect(plan(none, "gone", {}, { goneAt: ago(150), goneLooks: 4 })).toEqual({
      actions: [{ kind: "conclude", conclusion: "unknown" }],
    });
  });
});

describe("a running job", () => {
  it("is left alone, and looked at every four minutes", () => {
    expect(plan([launch(600)], onOurs, { runner: busy })).toEqual({ actions: [], againSeconds: 240 });
  });

  it.each([idle, offline, "absent", "unknown"] as const)(
    "on its own runner is left alone, whatever GitHub's list, which may lag, says of that (%j)",
    (runner) => {
      expect(plan([launch(600)], onOurs, { runner })).toEqual({ actions: [], againSeconds: 240 });
    },
  );

  it("is left alone when its MicroVM cannot be seen", () => {
    expect(plan([launch(600)], onOurs, { runner: busy, microvm: "unknown" }).actions).toEqual([]);
  });

  it("on another runner frees its own once that is online and idle", () => {
    expect(kinds(plan([launch(130)], onOther, { runner: idle }))).toEqual(["end"]);
    expect(kinds(plan([launch(59)], onOther, { runner: idle }))).toEqual([]);
    expect(kinds(plan([launch(130)], onOther, { runner: busy }))).toEqual([]);
    expect(kinds(plan([launch(130)], onOther, { runner: offline }))).toEqual([]);
    expect(kinds(plan([launch(400)], onOther, { runner: offline }))).toEqual(["end"]);
  });

  it("needs no watching once it is on another runner and nothing of it is left", () => {
    expect(plan([launch(600, { state: "ended" })], onOther)).toEqual({ actions: [] });
  });
});

describe("a job that is over", () => {
  it("is written down, and its MicroVM ended once its registration is gone", () => {
    expect(kinds(plan([launch(600)], over, { runner: "absent" }))).toEqual(["conclude", "end"]);
  });

  it("is not taken for one without a runner when that is gone with it", () => {
    const reasonOf = (job: JobView) => plan([launch(600)], job, { runner: "absent" }).actions.at(-1);
    expect(reasonOf(over)).toMatchObject({ reason: "job completed" });
    expect(reasonOf({ ...over, runnerName: "gha-99-1" })).toMatchObject({ reason: "no runner" });
  });

  it("leaves a runner alone that has another job", () => {
    expect(plan([launch(600)], over, { runner: busy }, { conclusion: "success" })).toEqual({
      actions: [],
      againSeconds: 240,
    });
  });

  it("ends the watch when nothing of it is left", () => {
    expect(plan([launch(600, { state: "ended" })], over, {}, { conclusion: "success" })).toEqual({ actions: [] });
    expect(plan([], "gone", {}, { conclusion: "unknown" })).toEqual({ actions: [] });
  });

  it("has a launch that got stuck taken up again, which undoes it", () => {
    expect(kinds(plan([launch(600, { state: "registered" })], over, {}, { conclusion: "cancelled" }))).toEqual([
      "resend",
    ]);
  });
});

describe("a view that is incomplete", () => {
  it.each([idle, busy, offline, "absent", "unknown"] as const)("ends and launches nothing (%j)", (runner) => {
    expect(plan([launch(3_000)], "unknown", { runner })).toEqual({ actions: [], againSeconds: 60 });
  });

  it("still ends what is certainly dead", () => {
    expect(kinds(plan([launch(3_000)], "unknown", { runner: "unknown", microvm: dead }))).toEqual(["end"]);
  });

  it("keeps the watch when nothing is left but the job is not known to be over, for a day", () => {
    const ended = (seconds: number) => [launch(9, { state: "ended", endedAt: ago(seconds) })];
    expect(plan(ended(9), "unknown")).toEqual({ actions: [], againSeconds: 60 });
    expect(plan(ended(900), "unknown")).toEqual({ actions: [], againSeconds: 900 });
    expect(plan(ended(26 * 3_600), "unknown")).toEqual({ actions: [] });
  });

  it("has a registration that was left removed, and looks again until it is", () => {
    const left = [launch(900, { state: "ended", runnerLeft: true })];
    expect(plan(left, over, {}, { conclusion: "success" })).toEqual({
      actions: [{ kind: "remove-runner", launchNumber: 1 }],
      againSeconds: 900,
    });
  });
});

it("a job without a launch, of which GitHub says nothing, is given up 26 hours after it came", () => {
  expect(plan([], "unknown", {}, { createdAt: ago(26 * 3_600) })).toEqual({ actions: [] });
  expect(plan([], "unknown", {}, { createdAt: ago(26 * 3_600 - 1) }).againSeconds).toBeGreaterThan(0);
});
