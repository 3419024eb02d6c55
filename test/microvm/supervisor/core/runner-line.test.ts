import { describe, expect, it } from "vitest";
import { readRunnerLine } from "../../../../microvm/supervisor/core/runner-line.ts";

const stamp = "2026-01-31 08:15:00Z: ";

describe("readRunnerLine", () => {
  it.each([
    [`${stamp}Listening for Jobs`, { type: "listening" }],
    [`${stamp}Running job: build`, { type: "job-started" }],
    [`${stamp}Running job: Job x completed with result: Succeeded`, { type: "job-started" }],
    [`${stamp}Job build (a, b) completed with result: Canceled`, { type: "job-completed", result: "Canceled" }],
    [
      `${stamp}Job a completed with result: b completed with result: Failed`,
      { type: "job-completed", result: "Failed" },
    ],
    [`${stamp}Runner connect error: x. Retrying until reconnected.`, { type: "connect-error" }],
    ["Current runner version: '2.338.0'", { type: "version", version: "2.338.0" }],
    [
      "An error occurred: Runner version v2.337.0 is deprecated and cannot receive messages.",
      { type: "refused", version: "2.337.0" },
    ],
    [
      "Failed to create session. Runner version v2.337.0 is deprecated and cannot receive messages.",
      { type: "refused", version: "2.337.0" },
    ],
    ["Runner version v2.337.0 is deprecated and cannot receive messages.", { type: "refused", version: "2.337.0" }],
  ])("reads %j", (line, news) => {
    expect(readRunnerLine(line)).toEqual(news);
  });

  it.each([
    "",
    "Listening for Jobs",
    "Running job: build",
    "Runner connect error: x",
    "√ Connected to GitHub",
    `${stamp}Runner version v2.337.0 is deprecated and cannot receive messages.`,
    "x: Runner version v2.337.0 is deprecated and cannot receive messages.",
  ])("makes nothing of %j", (line) => {
    expect(readRunnerLine(line)).toBeUndefined();
  });
});
