import { describe, expect, it } from "vitest";
import type { JobRecord, Launch } from "../../../dispatcher/core/job.ts";
import { type FinishKnowledge, planFinish } from "../../../dispatcher/core/plan-finish.ts";

const now = new Date("2026-01-01T12:00:00Z");

function record(states: Launch["state"][], change: Partial<JobRecord> = {}): JobRecord {
  return {
    jobId: 11,
    runId: 22,
    repository: "acme/shop",
    labels: ["microvm"],
    deliveryId: "d-1",
    launches: states.map((state, index) => ({
      number: index + 1,
      state,
      runnerName: `gha-11-${index + 1}`,
      claimedAt: now.toISOString(),
    })),
    createdAt: now.toISOString(),
    version: 3,
    expiresAt: 1,
    ...change,
  };
}

function plan(known: JobRecord | undefined, change: Partial<FinishKnowledge> = {}) {
  return planFinish({ record: known, now, holder: "me", busy: [], again: true, ...change });
}

const completed = { launchNumber: 1, source: "completed" as const };

it("has nothing to do for a job it does not know", () => {
  expect(plan(undefined, { finished: completed })).toEqual({ kind: "done", reason: "unknown" });
});

it("remembers the end of a job whose first delivery is still to come", () => {
  const over = { jobId: 11, runId: 22, repository: "acme/shop" };
  expect(plan(undefined, { conclusion: "cancelled", over })).toMatchObject({
    kind: "write",
    record: { jobId: 11, conclusion: "cancelled", launches: [], version: 0 },
  });
});

it("waits while a launch is being made", () => {
  const held = record(["claimed"], { lease: { holder: "other", until: "2026-01-01T12:00:20Z" } });
  expect(plan(held, { conclusion: "cancelled" })).toMatchObject({ kind: "wait" });
});

it("records the conclusion first", () => {
  expect(plan(record(["running"]), { conclusion: "success", finished: completed })).toMatchObject({
    kind: "write",
    record: { conclusion: "success", version: 3 },
  });
});

describe("the launch whose runner finished", () => {
  it("is terminated when GitHub says that its job completed", () => {
    expect(plan(record(["running"]), { finished: completed })).toEqual({ kind: "terminate", launchNumber: 1 });
  });

  it("loses its registration first when only the MicroVM says so", () => {
    expect(plan(record(["running"]), { finished: { launchNumber: 1, source: "vm" } })).toEqual({
      kind: "end",
      launchNumber: 1,
    });
  });

  it("is given a moment for GitHub's word when the MicroVM calls first", () => {
    const call = { finished: { launchNumber: 1, source: "vm" as const }, again: false };
    expect(plan(record(["running"]), call)).toMatchObject({ kind: "wait" });
  });

  it.each(["claimed", "registered"] as const)("is waited for when the record still says %s", (state) => {
    expect(plan(record([state]), { finished: completed })).toMatchObject({ kind: "wait" });
  });

  it("is done with once ended", () => {
    expect(plan(record(["ended"]), { finished: completed })).toEqual({ kind: "done", reason: "settled" });
  });

  it("is exactly that launch and no other", () => {
    expect(plan(record(["ended", "running"]), { finished: completed })).toEqual({ kind: "done", reason: "settled" });
  });

  it("is left to its job when GitHub calls its runner busy", () => {
    const known = { finished: { launchNumber: 1, source: "vm" as const }, busy: [1] };
    expect(plan(record(["running"]), known)).toEqual({ kind: "done", reason: "settled" });
  });
});

describe("a job that was cancelled in the queue", () => {
  const over = { conclusion: "cancelled" };

  it("has each live launch taken back", () => {
    expect(plan(record(["ended", "running"], over), over)).toEqual({ kind: "end", launchNumber: 2 });
    expect(plan(record(["claimed"], over), over)).toEqual({ kind: "end", launchNumber: 1 });
  });

  it("leaves a launch alone that GitHub gave another job", () => {
    expect(plan(record(["running"], over), { ...over, busy: [1] })).toEqual({ kind: "done", reason: "settled" });
  });

  it("waits until it is known whether a MicroVM exists", () => {
    const unsure = record(["registered"], over);
    const launches = unsure.launches.map((launch) => ({ ...launch, ambiguous: true as const }));
    expect(plan({ ...unsure, launches }, over)).toMatchObject({ kind: "wait" });
  });
});
