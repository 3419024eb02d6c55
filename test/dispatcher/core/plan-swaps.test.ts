import { describe, expect, it } from "vitest";
import { INITIAL_DEPLOYMENT } from "../../../dispatcher/core/deployment.ts";
import { type JobRecord, type Launch, newRecord } from "../../../dispatcher/core/job.ts";
import { type LaunchKnowledge, planLaunch } from "../../../dispatcher/core/plan-launch.ts";
import { planWatch } from "../../../dispatcher/core/plan-watch.ts";
import type { LaunchView, WatchKnowledge } from "../../../dispatcher/core/standing.ts";
import type { JobView, Microvm, Runner } from "../../../dispatcher/core/views.ts";

const now = new Date("2026-01-01T12:00:00Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000).toISOString();
const mine = { holder: "me", until: ago(-30) };
const dead = { holder: "other", until: ago(60) };
const message = {
  type: "launch" as const,
  jobId: 11,
  runId: 22,
  repository: "acme/shop",
  labels: ["microvm"],
  deliveryId: "d-1",
};
const queued: JobView = { status: "queued", conclusion: null, runnerName: null };
const running = (runnerName: string | null): JobView => ({ status: "in_progress", conclusion: null, runnerName });

function launch(state: Launch["state"], change: Partial<Launch> = {}): Launch {
  return { number: 1, state, runnerName: "gha-11-1", claimedAt: ago(400), ...change };
}

function record(launches: Launch[], change: Partial<JobRecord> = {}): JobRecord {
  return { ...newRecord(message, now), launches, version: 3, ...change };
}

function next(known: JobRecord, change: Partial<LaunchKnowledge> = {}) {
  const serving = { labels: ["microvm"], groupId: 0 };
  const given = { record: known, message, now, lease: mine, runnerNamePrefix: "gha", serving, hasClass: () => false };
  return planLaunch({ ...given, admitted: true, ...change });
}

describe("a launch of a job that is over", () => {
  const over = { conclusion: "success" };

  it("is undone when it was made in this very run to learn its MicroVM's id, and left to the watch else", () => {
    expect(next(record([launch("running")], over))).toEqual({ kind: "abandon", launchNumber: 1, reason: "job over" });
    expect(next(record([launch("running")], over), { admitted: false })).toEqual({ kind: "done", reason: "running" });
    const swapped = launch("running", { swappedAt: ago(60) });
    expect(next(record([swapped], over), { admitted: false })).toEqual({ kind: "done", reason: "running" });
  });

  it("goes on when another's runner served the job: that other, or who is short of one, gets its runner", () => {
    const served = { ...over, servedBy: "99-1" };

    expect(next(record([launch("claimed")], { ...served, lease: mine }))).toEqual({
      kind: "register",
      launchNumber: 1,
    });
    expect(next(record([launch("claimed")], { ...over, lease: mine }))).toEqual({
      kind: "abandon",
      launchNumber: 1,
      reason: "job over",
    });
    expect(next(record([launch("running")], served))).toEqual({ kind: "done", reason: "running" });
    const refused = launch("claimed", { refusedAt: ago(60) });
    expect(next(record([refused], { ...served, lease: mine })).kind).toBe("abandon");
  });

  it("is run once more where RunMicrovm may have been called, which tells the MicroVM's id", () => {
    const unknown = record([launch("registered", { ambiguous: true })], over);

    expect(next(unknown)).toMatchObject({ kind: "write", record: { lease: mine, launches: [{ ambiguous: true }] } });
    expect(next({ ...unknown, lease: mine })).toEqual({ kind: "run", launchNumber: 1 });
  });
});

describe("a claim whose holder died, of a job that runs", () => {
  const claimed = record([launch("claimed")], { lease: dead });

  it.each([
    ["on another job's runner of ours", "gha-99-1", "write"],
    ["on its own runner", "gha-11-2", "abandon"],
    ["on a runner that is not ours", "other-99-1", "abandon"],
    ["on a runner whose name says nothing", "gha-x", "abandon"],
    ["on a runner without a name", null, "abandon"],
  ] as const)("%s", (_, runnerName, kind) => {
    expect(next(claimed, { job: running(runnerName) }).kind).toBe(kind);
  });

  it("goes on where the record says that another launch serves the job", () => {
    const served = { ...claimed, servedBy: "99-1" };

    expect(next(served, { job: running("gha-11-1") }).kind).toBe("write");
    expect(next(served, { job: "gone" }).kind).toBe("write");
  });
});

describe("another launch", () => {
  const ended = launch("ended", { microvmId: "microvm-1", endReason: "runner exited", endedAt: ago(30) });

  it("is made by an order without a cause when its turn has come, and numbered after the last", () => {
    const order = { ...message, relaunch: { after: 1 } };

    expect(next(record([ended]), { job: queued, message: order })).toEqual({ kind: "done", reason: "not due" });
    const due = record([{ ...ended, number: 7, endedAt: ago(60) }]);
    expect(next(due, { job: queued, message: order })).toMatchObject({
      kind: "write",
      record: { launches: [{ number: 7 }, { number: 8, runnerName: "gha-11-8", claimedAt: now.toISOString() }] },
    });
  });

  it("is none where the App does not reach the repository, which the watch asks for", () => {
    const due = record([{ ...ended, endedAt: ago(60) }]);

    expect(next(due, { job: "unreachable" })).toEqual({ kind: "done", reason: "unreachable" });
  });

  it("is waited with for as long as somebody else holds the job, in whole seconds and at least one", () => {
    const held = (milliseconds: number) => ({
      holder: "other",
      until: new Date(now.getTime() + milliseconds).toISOString(),
    });

    expect(next(record([ended], { lease: held(1_001) }))).toEqual({ kind: "wait", seconds: 2 });
    expect(next(record([ended], { lease: held(1) }))).toEqual({ kind: "wait", seconds: 1 });
  });
});

const alive: Microvm = { microvmId: "microvm-1", state: "RUNNING", imageVersion: "1.0", startedAt: now };
const busy: Runner = { id: 1, name: "gha-11-1", status: "online", busy: true };

function watch(launches: Launch[], change: Partial<WatchKnowledge> = {}, view: Partial<LaunchView> = {}) {
  const views = new Map(launches.map(({ number }) => [number, { runner: busy, microvm: alive, ...view }]));
  return planWatch({
    record: record(launches),
    job: queued,
    views,
    owed: { kind: "none" },
    deployment: INITIAL_DEPLOYMENT,
    now,
    ...change,
  });
}

describe("a queued job whose runner has another job", () => {
  const lost = launch("running", { microvmId: "microvm-1", launchedAt: ago(400), swappedAt: ago(3_000) });

  it("waits for the runner that it is owed, as long as that is to come", () => {
    expect(watch([lost], { owed: { kind: "supply", againSeconds: 77 } })).toEqual({ actions: [], againSeconds: 77 });
    expect(watch([lost], { owed: { kind: "unknown", place: { jobId: 99, swaps: 1 } } })).toEqual({
      actions: [],
      againSeconds: 30,
    });
    expect(watch([lost]).actions).toEqual([{ kind: "relaunch", reason: "swapped" }]);
  });

  it("is told so of each such runner", () => {
    const two = [1, 2].map((number) => ({ ...lost, number }));
    const unnoted = two.map(({ swappedAt: _, ...rest }) => rest);

    expect(watch(unnoted).actions).toEqual([
      { kind: "note-swap", launchNumber: 1 },
      { kind: "note-swap", launchNumber: 2 },
    ]);
    expect(watch([{ ...lost, swappedAt: ago(59) }]).actions).toEqual([]);
    expect(watch([{ ...lost, swappedAt: ago(60) }]).actions).toEqual([{ kind: "relaunch", reason: "swapped" }]);
  });
});

describe("a launch of which nothing was asked", () => {
  it("cannot be told, and is waited for", () => {
    const unseen = launch("running", { microvmId: "microvm-1", launchedAt: ago(400) });

    expect(watch([unseen], { views: new Map() })).toEqual({ actions: [], againSeconds: 60 });
  });
});

describe("a MicroVM that is being terminated", () => {
  it.each(["TERMINATING", "TERMINATED"])("is dead: %s", (state) => {
    const launched = launch("running", { microvmId: "microvm-1", launchedAt: ago(10) });

    expect(watch([launched], {}, { microvm: { ...alive, state } }).actions).toEqual([
      { kind: "end", launchNumber: 1, reason: "MicroVM gone", dead: true },
    ]);
    expect(watch([launched], {}, { microvm: { ...alive, state: "SUSPENDED" } }).actions).not.toContainEqual(
      expect.objectContaining({ kind: "end" }),
    );
  });
});

describe("a job that runs on some of its runners", () => {
  it("is looked at again soon while not all of its launches have a job", () => {
    const [one, other] = [1, 2].map((number) =>
      launch("running", { number, runnerName: `gha-11-${number}`, microvmId: "microvm-1", launchedAt: ago(400) }),
    );
    if (one === undefined || other === undefined) throw new Error("two launches were made");
    const job = running("gha-11-1");
    const views = (second: LaunchView["runner"]) =>
      new Map<number, LaunchView>([
        [1, { runner: busy, microvm: alive }],
        [2, { runner: second, microvm: alive }],
      ]);

    expect(watch([one, other], { job, views: views("unknown") }).againSeconds).toBe(60);
    expect(watch([one, other], { job, views: views(busy) }).againSeconds).toBe(240);
  });

  it("is asked about when a delivery's word is too old", () => {
    const told = launch("running", { microvmId: "microvm-1", launchedAt: ago(400) });
    const again = (toldSeconds: number) => watch([told], { job: running("gha-11-1") }, { toldSeconds }).againSeconds;

    expect([again(100), again(10), again(500)]).toEqual([100, 30, 240]);
  });
});
