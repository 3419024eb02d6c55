import { describe, expect, it } from "vitest";
import type { JobRecord, Launch } from "../../../dispatcher/core/job.ts";
import { MAX_LAUNCHES } from "../../../dispatcher/core/plan-launch.ts";
import { type LaunchView, planWatch, type WatchKnowledge } from "../../../dispatcher/core/plan-watch.ts";
import type { JobView, Microvm, Runner } from "../../../dispatcher/core/views.ts";

const now = new Date("2026-01-01T12:00:00Z");
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

function plan(launches: Launch[], job: WatchKnowledge["job"], view: Partial<LaunchView> = {}, change = {}) {
  const views = new Map<number, LaunchView>(
    launches.map(({ number }) => [number, { runner: idle, microvm: alive, ...view }]),
  );
  return planWatch({ record: record(launches, change), job, views, owed: { kind: "none" }, now });
}

const kinds = (decision: ReturnType<typeof plan>) => decision.actions.map((action) => action.kind);

describe("a queued job", () => {
  it.each([
    ["its MicroVM boots", 30, "absent"],
    ["its runner is offline and young", 200, offline],
    ["its runner is online and idle", 3_000, idle],
    ["GitHub's list could not be had", 3_000, "unknown"],
  ] as const)("is waited for while %s", (_, age, runner) => {
    const decision = plan([launch(age)], queued, { runner });
    expect(decision).toEqual({ actions: [], againSeconds: age < 300 ? 30 : 60 });
  });

  it.each([
    ["its MicroVM has died", 30, { microvm: dead }],
    ["the service forgot its MicroVM", 200, { microvm: "gone" as const }],
    ["its runner never came", 301, { runner: offline }],
    ["its registration is gone", 121, { runner: "absent" as const }],
  ])("gets another MicroVM when %s", (_, age, view) => {
    expect(kinds(plan([launch(age)], queued, view))).toEqual(["end", "relaunch"]);
  });

  it("does not take the service's lag for a dead MicroVM", () => {
    expect(plan([launch(30)], queued, { microvm: "gone" }).actions).toEqual([]);
  });

  it("gets another when its runner has another job and nobody else came within a minute", () => {
    expect(kinds(plan([launch(60)], queued, { runner: busy }))).toEqual(["note-swap"]);
    expect(kinds(plan([launch(90, { swappedAt: ago(30) })], queued, { runner: busy }))).toEqual([]);
    expect(kinds(plan([launch(120, { swappedAt: ago(60) })], queued, { runner: busy }))).toEqual(["relaunch"]);
  });

  it("gets no other while one is being made, and another try when that got stuck", () => {
    const made = launch(10, { state: "claimed" });
    expect(plan([made], queued).actions).toEqual([]);
    expect(kinds(plan([launch(400, { state: "claimed" })], queued))).toEqual(["relaunch"]);
    const waiting = launch(4_000, { state: "claimed", slotAt: ago(-100) });
    expect(plan([waiting], queued).actions).toEqual([]);
  });

  it("is given up after the last launch, with nothing more to watch", () => {
    const all = Array.from({ length: MAX_LAUNCHES }, (_, index) =>
      launch(999, { number: index + 1, state: index + 1 < MAX_LAUNCHES ? "ended" : "running" }),
    );
    expect(kinds(plan(all, queued, { microvm: dead }))).toEqual(["end", "give-up"]);
    expect(plan(all, queued, { microvm: dead }).againSeconds).toBeUndefined();
  });
});

describe("a running job", () => {
  it("is left alone, and looked at every four minutes", () => {
    expect(plan([launch(600)], onOurs, { runner: busy })).toEqual({ actions: [], againSeconds: 240 });
  });

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
      "relaunch",
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

  it("keeps the watch when nothing is left but the job is not known to be over", () => {
    expect(plan([launch(9, { state: "ended" })], "unknown")).toEqual({ actions: [], againSeconds: 60 });
  });
});
