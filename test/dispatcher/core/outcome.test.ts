import { describe, expect, it } from "vitest";
import { type Launch, newRecord } from "../../../dispatcher/core/job.ts";
import { END_REASONS, outcomeOf, wastedInARow } from "../../../dispatcher/core/relaunch.ts";

const ended = (endReason: string): Launch => ({
  ...{ number: 1, state: "ended", runnerName: "gha-11-1", claimedAt: "2026-01-01T12:00:00.000Z" },
  ...{ microvmId: "microvm-1", endReason },
});

describe("the outcome of a launch", () => {
  it.each([
    ["refused", END_REASONS.runnerRefused, 5_000],
    ["no-runner", END_REASONS.noRunner, 5_000],
    ["not-needed", END_REASONS.notNeeded, 5_000],
    ["cut-off", END_REASONS.microvmGone, 3_511],
    ["died", END_REASONS.microvmGone, 3_510],
    ["ran", END_REASONS.exited, 3_510],
  ])("is %s: it ended because of %j after %i s of an hour", (outcome, reason, seconds) => {
    expect(outcomeOf(ended(reason), seconds, 3_600)).toBe(outcome);
  });

  it("is that nothing was launched where there was no MicroVM", () => {
    const { microvmId: _, ...launch } = ended(END_REASONS.exited);
    expect(outcomeOf(launch, 0, 3_600)).toBe("abandoned");
  });
});

it("a record knows since when its job is queued, where GitHub said so", () => {
  const message = { jobId: 11, runId: 22, repository: "acme/shop", labels: ["microvm"], deliveryId: "d-1" };
  const since = "2026-01-01T11:59:00.000Z";
  expect(newRecord({ ...message, since }, new Date())).toMatchObject({ queuedAt: since });
  expect(newRecord(message, new Date())).not.toHaveProperty("queuedAt");
});

it("launches that came to nothing are counted back to the last one that did not, or that lives", () => {
  const { microvmId: _, ...living } = ended(END_REASONS.exited);
  const launches: Launch[] = [ended(END_REASONS.notNeeded), ended(END_REASONS.exited), ended(END_REASONS.microvmGone)];
  const record = {
    ...newRecord({ jobId: 11, runId: 22, repository: "acme/shop", labels: [], deliveryId: "d" }, new Date()),
  };

  expect(wastedInARow({ ...record, launches })).toBe(2);
  expect(wastedInARow({ ...record, launches: [...launches, { ...living, state: "claimed" }] })).toBe(0);
});
