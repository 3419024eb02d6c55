import { describe, expect, it } from "vitest";
import type { JobRecord, Launch } from "../../../dispatcher/core/job.ts";
import { type LaunchKnowledge, planLaunch } from "../../../dispatcher/core/plan-launch.ts";
import type { JobView } from "../../../dispatcher/core/views.ts";

const now = new Date("2026-01-01T12:00:00Z");
const soon = "2026-01-01T12:00:30.000Z";
const past = "2026-01-01T11:59:00.000Z";
const mine = { holder: "me", until: soon };

const queued: JobView = { status: "queued", conclusion: null, runnerName: null };

function launch(state: Launch["state"], change: Partial<Launch> = {}): Launch {
  return { number: 1, state, runnerName: "gha-11-1", claimedAt: past, ...change };
}

function record(launches: Launch[], change: Partial<JobRecord> = {}): JobRecord {
  return {
    jobId: 11,
    runId: 22,
    repository: "acme/shop",
    labels: ["microvm"],
    deliveryId: "d-1",
    launches,
    createdAt: past,
    version: 3,
    expiresAt: 1,
    ...change,
  };
}

function plan(known: JobRecord | undefined, change: Partial<LaunchKnowledge> = {}) {
  return planLaunch({
    record: known,
    message: {
      type: "launch",
      jobId: 11,
      runId: 22,
      repository: "acme/shop",
      labels: ["microvm"],
      deliveryId: "d-1",
    },
    now,
    lease: mine,
    runnerNamePrefix: "gha",
    serving: { labels: ["microvm"], groupId: 0 },
    hasClass: () => false,
    admitted: true,
    ...change,
  });
}

describe("a job seen for the first time", () => {
  it("is claimed at once, without asking GitHub", () => {
    expect(plan(undefined)).toMatchObject({
      kind: "write",
      record: { version: 0, lease: mine, launches: [{ number: 1, state: "claimed", runnerName: "gha-11-1" }] },
    });
  });
});

describe("a job that no class of runners serves", () => {
  it("is refused before its first launch, and before another one", () => {
    expect(plan(undefined, { serving: undefined })).toEqual({ kind: "refuse" });
    expect(plan(record([launch("ended", { endedAt: past })]), { serving: undefined })).toEqual({ kind: "refuse" });
  });

  it("keeps the launch that was begun for it", () => {
    const begun = record([launch("claimed")]);
    expect(plan(begun, { serving: undefined, job: queued })).toMatchObject({ kind: "write", record: { lease: mine } });
  });
});

describe("a record without a launch", () => {
  it("begins with the first one for another delivery", () => {
    const step = plan(record([], { deliveryId: "earlier" }), { job: queued });
    expect(step).toMatchObject({
      kind: "write",
      record: { deliveryId: "d-1", freshFrom: 0, launches: [{ number: 1 }] },
    });
  });
});

it("a fresh delivery tells anew since when its job is queued", () => {
  const message = { type: "launch" as const, jobId: 11, runId: 22, repository: "acme/shop", labels: ["microvm"] };
  const fresh = { ...message, deliveryId: "d-2", since: soon };
  const step = plan(record([launch("ended", { endedAt: past })]), { message: fresh, job: queued });
  expect(step).toMatchObject({ kind: "write", record: { queuedAt: soon, deliveryId: "d-2", freshFrom: 1 } });
});

describe("the holder of the lease", () => {
  it("registers what it claimed", () => {
    expect(plan(record([launch("claimed")], { lease: mine }))).toEqual({ kind: "register", launchNumber: 1 });
  });

  it("asks when it may launch before it registers or runs", () => {
    for (const state of ["claimed", "registered"] as const) {
      const step = plan(record([launch(state)], { lease: mine }), { admitted: false });
      expect(step).toEqual({ kind: "admit", launchNumber: 1 });
    }
  });

  it("runs what it registered", () => {
    expect(plan(record([launch("registered")], { lease: mine }))).toEqual({ kind: "run", launchNumber: 1 });
  });

  it("is done once the MicroVM is known", () => {
    expect(plan(record([launch("running")]))).toEqual({ kind: "done", reason: "running" });
  });
});

describe("a second worker", () => {
  it("waits while another holds the lease", () => {
    const held = record([launch("claimed")], { lease: { holder: "other", until: soon } });
    expect(plan(held)).toEqual({ kind: "wait", seconds: 30 });
  });

  it("asks GitHub before it takes over a claim whose holder died", () => {
    const dead = record([launch("claimed")], { lease: { holder: "other", until: past } });
    expect(plan(dead)).toEqual({ kind: "check-job" });
    expect(plan(dead, { job: queued })).toMatchObject({ kind: "write", record: { version: 3, lease: mine } });
    expect(plan(dead, { job: "unknown" })).toMatchObject({ kind: "write", record: { lease: mine } });
  });

  it("undoes such a claim when the job is not queued any more", () => {
    const dead = record([launch("claimed")], { lease: { holder: "other", until: past } });
    for (const job of [
      { ...queued, status: "completed" as const },
      { ...queued, status: "in_progress" as const },
    ]) {
      expect(plan(dead, { job })).toEqual({ kind: "abandon", launchNumber: 1, reason: "job over" });
    }
    const gone = { ...dead, goneAt: "2026-01-01T11:57:00.000Z", goneLooks: 4 };
    expect(plan(gone, { job: "gone" })).toEqual({ kind: "abandon", launchNumber: 1, reason: "job over" });
  });

  it("calls RunMicrovm again when its predecessor may have called it", () => {
    const dead = record([launch("registered")], { lease: { holder: "other", until: past } });
    expect(plan(dead)).toMatchObject({
      kind: "write",
      record: { lease: mine, launches: [{ state: "registered", ambiguous: true }] },
    });
  });

  it("does not call a launch ambiguous that was only put off", () => {
    const putOff = plan(record([launch("registered")]));
    expect(putOff).toMatchObject({ kind: "write", record: { lease: mine } });
    expect(putOff.kind === "write" && putOff.record.launches[0]).not.toHaveProperty("ambiguous");
  });
});

describe("a launch that was put off until its moment", () => {
  it("goes on without asking GitHub", () => {
    const waiting = record([launch("claimed", { slotAt: past })]);
    expect(plan(waiting)).toMatchObject({ kind: "write", record: { lease: mine, launches: [{ state: "claimed" }] } });
  });

  it.each([
    ["its holder died", { slotAt: past }, { lease: { holder: "other", until: past } }],
    ["it had no moment yet", {}, {}],
    ["GitHub has refused its runner", { slotAt: past, refusedAt: past }, {}],
  ])("is no such launch, and GitHub is asked, where %s", (_, change, held) => {
    expect(plan(record([launch("claimed", change)], held))).toEqual({ kind: "check-job" });
  });
});

describe("a job whose runner has another job", () => {
  const swapped = record([launch("running", { swappedAt: past })]);

  it("gets another MicroVM if GitHub still has it queued", () => {
    expect(plan(swapped)).toEqual({ kind: "check-job" });
    expect(plan(swapped, { job: queued })).toMatchObject({ kind: "write", record: { launches: [{}, { number: 2 }] } });
    expect(plan(swapped, { job: { ...queued, status: "in_progress" } })).toMatchObject({ kind: "done" });
  });
});

describe("a job whose MicroVM has ended", () => {
  const ended = record([launch("ended", { microvmId: "microvm-1", endReason: "MicroVM gone", endedAt: past })]);

  it("gets another only while GitHub says that it is queued", () => {
    expect(plan(ended)).toEqual({ kind: "check-job" });
    expect(plan(ended, { job: queued })).toMatchObject({
      kind: "write",
      record: { launches: [{ number: 1 }, { number: 2, state: "claimed", runnerName: "gha-11-2" }] },
    });
  });

  it("never gets another on a view that is not known", () => {
    expect(plan(ended, { job: "unknown" })).toMatchObject({ kind: "wait" });
    expect(plan(ended, { job: "unreachable" })).toEqual({ kind: "done", reason: "unreachable" });
  });

  it("is left alone when another runner has it", () => {
    expect(plan(ended, { job: { ...queued, status: "in_progress" } })).toEqual({ kind: "done", reason: "elsewhere" });
  });

  it("is closed when GitHub says it is over", () => {
    const over: JobView = { status: "completed", conclusion: "cancelled", runnerName: null };
    expect(plan(ended, { job: over })).toMatchObject({ kind: "write", record: { conclusion: "cancelled" } });
    const gone = { ...ended, goneAt: new Date(now.getTime() - 150_000).toISOString(), goneLooks: 4 };
    expect(plan(gone, { job: "gone" })).toMatchObject({ kind: "write", record: { conclusion: "unknown" } });
  });

  it("is not closed when GitHub does not know it at fewer looks in a row", () => {
    const noted = (goneLooks: number) => ({ ...ended, goneAt: now.toISOString(), goneLooks });
    const before = { ...noted(3), goneAt: new Date(now.getTime() - 150_000).toISOString() };
    expect(plan(ended, { job: "gone" })).toEqual({ kind: "write", record: noted(1) });
    expect(plan(noted(1), { job: "gone" })).toEqual({ kind: "wait", seconds: 150 });
    expect(plan(before, { job: "gone" })).toEqual({ kind: "write", record: noted(4) });
  });

  it("counts from the first look again once GitHub knows it", () => {
    const dead = record([launch("claimed")], {
      ...{ lease: { holder: "other", until: past }, goneAt: past, goneLooks: 4 },
    });
    for (const known of [dead, { ...dead, launches: ended.launches }]) {
      const step = plan(known, { job: queued });
      expect(step).toMatchObject({ kind: "write" });
      expect(step).not.toHaveProperty("record.goneAt");
      expect(step).not.toHaveProperty("record.goneLooks");
    }
  });

  it("gets none while GitHub holds the job back", () => {
    expect(plan(ended, { job: { ...queued, status: "waiting" } })).toEqual({ kind: "done", reason: "waiting" });
  });
});

describe("a job whose turn is not yet", () => {
  const idle = record([launch("ended", { microvmId: "m", endReason: "runner exited", endedAt: now.toISOString() })]);
  const order = { type: "launch" as const, jobId: 11, runId: 22, repository: "acme/shop", labels: ["microvm"] };

  it("gets no launch by a copy of the delivery that is known", () => {
    expect(plan(idle, { job: queued })).toEqual({ kind: "done", reason: "not due" });
  });

  it("gets one at once by another delivery or an order, and counts anew", () => {
    const fresh = { ...order, deliveryId: "d-2" };
    expect(plan(idle, { job: queued, message: fresh })).toMatchObject({
      kind: "write",
      record: { deliveryId: "d-2", freshFrom: 1, launches: [{}, { number: 2 }] },
    });
    const over = { ...idle, conclusion: "unknown" };
    expect(plan(over, { job: queued, message: fresh })).toMatchObject({ record: { launches: [{}, { number: 2 }] } });
    expect(plan({ ...idle, conclusion: "success" }, { job: queued, message: fresh })).toMatchObject({ kind: "done" });
  });

  it("gets one out of turn after the launch that was meant, and after no other", () => {
    const probe = (after: number) => ({ ...order, deliveryId: "d-1", relaunch: { cause: "probe" as const, after } });
    expect(plan(idle, { job: queued, message: probe(1) })).toMatchObject({
      record: { launches: [{}, { number: 2, cause: "probe" }] },
    });
    expect(plan(idle, { job: queued, message: probe(0) })).toEqual({ kind: "done", reason: "not due" });
  });
});

describe("a job that is over", () => {
  const over = { conclusion: "cancelled" };

  it("is done when nothing of it is left", () => {
    expect(plan(record([], over))).toEqual({ kind: "done", reason: "over" });
    expect(plan(record([launch("ended")], over))).toEqual({ kind: "done", reason: "over" });
  });

  it("takes back what was claimed or registered for it", () => {
    expect(plan(record([launch("claimed")], over))).toEqual({ kind: "abandon", launchNumber: 1, reason: "job over" });
    expect(plan(record([launch("registered")], over))).toEqual({
      kind: "abandon",
      launchNumber: 1,
      reason: "job over",
    });
  });

  it("still learns the id of a MicroVM that may exist, so that it can be terminated", () => {
    const unsure = record([launch("registered", { ambiguous: true })], over);
    expect(plan(unsure)).toMatchObject({ kind: "write", record: { lease: mine } });
    expect(plan({ ...unsure, lease: mine })).toEqual({ kind: "run", launchNumber: 1 });
  });
});

describe("the class of a launch", () => {
  const ofLarge = { class: "large", image: "gha-runner-large", labels: ["microvm-large"], groupId: 0 };

  it("is written with the launch", () => {
    const { record: written } = plan(undefined, { serving: ofLarge }) as { record: JobRecord };
    expect(written.launches).toMatchObject([{ number: 1, state: "claimed", ...ofLarge }]);
  });

  it("was removed: what is only claimed is undone, what is registered goes on", () => {
    const undone = { kind: "abandon", launchNumber: 1, reason: "class removed" };
    expect(plan(record([launch("claimed", ofLarge)], { lease: mine }))).toEqual(undone);
    const going = record([launch("registered", ofLarge)], { lease: mine });
    expect(plan(going)).toEqual({ kind: "run", launchNumber: 1 });
    expect(plan(record([launch("claimed", ofLarge)], { lease: mine }), { hasClass: () => true }).kind).toBe("register");
  });

  it("is there no more for the next launch: there is none", () => {
    const ended = record([launch("ended", { endReason: "class removed", endedAt: past })]);
    expect(plan(ended, { serving: undefined })).toEqual({ kind: "refuse" });
    expect(plan(undefined, { serving: undefined })).toEqual({ kind: "refuse" });
  });
});
