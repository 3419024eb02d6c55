import { expect, it } from "vitest";
import { createLogger } from "../../../../contract/log.ts";
import { type DockerOptions, reasonToBeOff } from "../../../../microvm/supervisor/edges/dockerd-process.ts";

const options: DockerOptions = {
  ...{ mode: "auto", command: "no-such-dockerd", environment: {}, stateDir: "/tmp", socket: "/tmp/none.sock" },
  ...{ network: false, boundMs: 0, group: undefined, registryMirrors: [], log: createLogger(() => undefined) },
};

it("dockerd is started where the image says so, and is not where it says otherwise or cannot", () => {
  expect(reasonToBeOff({ ...options, mode: "off" })).toBe("this image switches it off");
  expect(reasonToBeOff({ ...options, mode: "on" })).toBeUndefined();
  expect(reasonToBeOff(options)).toMatch(
    /^th(is image has no dockerd|e image was made without additional OS capabilities)$/,
  );
});
