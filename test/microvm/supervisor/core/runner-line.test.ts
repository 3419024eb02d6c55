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
  ])("reads %j", (line, news) => {
    expect(readRunnerLine(line)).toEqual(news);
  });

  it.each(["", "Listening for Jobs", "Running job: build", `${stamp}Runner connect error`, "√ Connected to GitHub"])(
    "makes nothing of %j",
    (line) => {
      expect(readRunnerLine(line)).toBeUndefined();
    },
  );
});
