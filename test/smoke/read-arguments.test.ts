import { describe, expect, it } from "vitest";
import { readArguments } from "../../smoke/read-arguments.ts";

describe("the arguments of smoke", () => {
  it("have defaults, and take what stands behind npm's two hyphens", () => {
    expect(readArguments(["--", "--lab"])).toMatchObject({
      ...{ lab: true, fault: undefined, again: undefined, prefix: "gha-smoke", memoryMib: undefined },
      report: "smoke-report.json",
    });
    expect(readArguments(["--help"])).toBe("help");
    expect(readArguments(["--lab", "--fault", "a-microvm-is-left"])).toMatchObject({ fault: "a-microvm-is-left" });
    expect(readArguments(["--clean"])).toMatchObject({ again: "clean" });
    expect(readArguments(["--resume"])).toMatchObject({ again: "resume" });
  });

  it.each([
    [["--resume", "--clean"], "exclude each other"],
    [["--fault", "a-microvm-is-left"], "--fault goes with --lab"],
    [["--lab", "--clean", "--key", "app.pem"], "--lab goes without --key, --clean"],
    [["--lab", "--fault", "rain"], "a-job-never-starts or a-microvm-is-left"],
    [["--name-prefix", "Gha_Smoke"], "--name-prefix"],
    [["--memory-mib", "3000"], "--memory-mib"],
    [["--repository", "scratch"], "--repository is OWNER/REPO"],
    [["--speed", "2"], "--help"],
  ])("refuse %j", (args, message) => {
    expect(() => readArguments(args)).toThrow(message);
  });
});
