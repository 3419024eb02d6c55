import { describe, expect, it } from "vitest";
import { parseRunnerEnv, printRunnerEnv, type RunnerEnv } from "../../contract/runner-env.ts";

const RUNNER_SHA256 = "a".repeat(64);
const whole: RunnerEnv = { RUNNER_VERSION: "2.338.0", RUNNER_SHA256, BUILT: "2026-11-27", RESCUE: "1" };

describe("runner.env", () => {
  it("is printed as a shell reads it, and read back", () => {
    expect(printRunnerEnv(whole)).toBe(
      `RUNNER_VERSION=2.338.0\nRUNNER_SHA256=${RUNNER_SHA256}\nBUILT=2026-11-27\nRESCUE=1\n`,
    );
    expect(parseRunnerEnv(printRunnerEnv(whole))).toEqual(whole);
  });

  it("needs neither date nor rescue, and passes over comments", () => {
    const text = `# made by Terraform\n\nRUNNER_VERSION=2.338.0\nRUNNER_SHA256=${RUNNER_SHA256}`;
    expect(parseRunnerEnv(text)).toEqual({ RUNNER_VERSION: "2.338.0", RUNNER_SHA256 });
  });

  it.each([
    ["no version", `RUNNER_SHA256=${RUNNER_SHA256}`],
    ["a command for a version", `RUNNER_VERSION=2.338.0;id\nRUNNER_SHA256=${RUNNER_SHA256}`],
    ["no checksum", "RUNNER_VERSION=2.338.0"],
    ["another date", `RUNNER_VERSION=2.338.0\nRUNNER_SHA256=${RUNNER_SHA256}\nBUILT=yesterday`],
    ["nothing", ""],
  ])("is not read with %s", (_, text) => {
    expect(parseRunnerEnv(text)).toBeUndefined();
  });
});
