import { describe, expect, it } from "vitest";
import { HOOK_PORT } from "../../../contract/hooks.ts";
import { parseConfig, SAME_USER } from "../../../microvm/supervisor/config.ts";
import { findAccount } from "../../../microvm/supervisor/edges/runner-account.ts";

describe("parseConfig", () => {
  it("needs nothing, and takes an empty variable for none", () => {
    const config = parseConfig({ GHA_HOOK_PORT: "", GHA_DOCKER: "" });

    expect(config).toEqual(parseConfig({}));
    expect(config).toMatchObject({
      runnerDir: "/opt/actions-runner",
      runnerUser: "runner",
      hookPort: HOOK_PORT,
      jobWaitMs: 300_000,
      docker: "auto",
      memoryMib: undefined,
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it("reads what the image sets", () => {
    expect(
      parseConfig({
        GHA_RUNNER_USER: SAME_USER,
        GHA_JOB_WAIT_SECONDS: "0.25",
        GHA_DOCKER: "off",
        GHA_MEMORY_MIB: "4096",
      }),
    ).toMatchObject({ runnerUser: undefined, jobWaitMs: 250, docker: "off", memoryMib: 4_096 });
  });

  it("names every variable that is wrong, and never its value", () => {
    const wrong = {
      GHA_RUNNER_DIR: "runner",
      GHA_RUNNER_USER: "Bad User",
      GHA_HOOK_PORT: "70000",
      GHA_JOB_WAIT_SECONDS: "-1",
      GHA_DOCKER: "maybe",
      GHA_MEMORY_MIB: "1e3",
    };

    for (const name of Object.keys(wrong)) expect(() => parseConfig(wrong)).toThrow(name);
    for (const value of Object.values(wrong)) expect(() => parseConfig(wrong)).not.toThrow(value);
  });
});

describe("findAccount", () => {
  const passwd = "root:x:0:0:root:/root:/bin/bash\nrunner:x:1001:1002::/home/runner:/bin/bash\ntoor:x:0:0::/:/bin/sh\n";

  it("finds ids and home by name", () => {
    expect(findAccount("runner", passwd)).toEqual({ name: "runner", uid: 1_001, gid: 1_002, home: "/home/runner" });
  });

  it("refuses an unknown account, and root by any name", () => {
    expect(() => findAccount("run", passwd)).toThrow("names no account");
    expect(() => findAccount("toor", passwd)).toThrow("must not be root");
  });
});
