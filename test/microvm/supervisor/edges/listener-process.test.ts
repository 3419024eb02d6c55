import { describe, expect, it } from "vitest";
import { runnerEnvironment } from "../../../../microvm/supervisor/edges/listener-process.ts";

const image = {
  PATH: "/usr/bin",
  GHA_DOCKER: "off",
  GHA_STATE_DIR: "/run",
  ACTIONS_RUNNER_INPUT_TOKEN: "t",
  LANG: "C",
};

describe("the runner's environment", () => {
  it("has the image's variables, and none of the supervisor's own, whoever runs it", () => {
    expect(runnerEnvironment(image, undefined)).toEqual({ PATH: "/usr/bin", LANG: "C" });
  });

  it("names the account that jobs run as, and a language where the image has none", () => {
    const account = { name: "runner", uid: 1_001, gid: 1_001, home: "/home/runner" };
    const { LANG: _, ...without } = image;

    expect(runnerEnvironment({ ...without, HOME: "/root", USER: "root" }, account)).toEqual({
      PATH: "/usr/bin",
      LANG: "C.UTF-8",
      HOME: "/home/runner",
      USER: "runner",
      LOGNAME: "runner",
    });
  });
});
