import { describe, expect, it } from "vitest";
import { readMilestones } from "../../../../microvm/supervisor/core/milestones.ts";

const since = Date.parse("2026-01-31T08:15:00.000Z");

describe("readMilestones", () => {
  it("counts from the start of the MicroVM to the first time that each was reached", () => {
    const text = [
      "RunnerProcessStarted:2026-01-31T08:15:00.4000000Z",
      "SessionCreated:2026-01-31T08:15:02.1234567Z",
      "MessageReceived_RunnerJobRequest:2026-01-31T08:15:03.0000000Z",
      "MessageReceived_JobCancellation:2026-01-31T08:16:03.0000000Z",
      "WorkerJobInitialized_0:2026-01-31T08:15:05.0000000Z\r",
    ].join("\n");

    expect(readMilestones(text, since)).toEqual({
      runnerStarted: 400,
      sessionCreated: 2_123,
      messageReceived: 3_000,
      jobInitialized: 5_000,
    });
  });

  it.each([
    "",
    "SessionCreated:soon",
    "constructor:2026-01-31T08:15:00Z",
    "SessionCreated",
    "Other:2026-01-31T08:15:00Z",
  ])("makes nothing of %j", (text) => {
    expect(readMilestones(text, since)).toEqual({});
  });
});
