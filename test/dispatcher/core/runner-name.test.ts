import fc from "fast-check";
import { expect, it } from "vitest";
import { launchIdOfRunner, parseLaunchId, runnerNameOf } from "../../../dispatcher/core/runner-name.ts";

it("reads the launch back from the name it gave", () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/),
      fc.integer({ min: 1, max: 2 ** 53 - 1 }),
      fc.integer({ min: 1, max: 9_999 }),
      (prefix, jobId, launchNumber) => {
        const launchId = launchIdOfRunner(prefix, runnerNameOf(prefix, jobId, launchNumber));
        expect(parseLaunchId(launchId ?? "")).toEqual({ jobId, launchNumber });
      },
    ),
  );
});

it.each(["gha-1-2-3", "gha-1", "gha-01-2", "gha-1-0", "gha--1-1", "other-1-1", "abc-1-1", "gha", "", "gha-1-12345"])(
  "does not take %j for a runner of ours",
  (name) => {
    expect(launchIdOfRunner("gha", name)).toBeUndefined();
  },
);

it("tells deployments apart whose prefixes begin alike", () => {
  expect(launchIdOfRunner("gha", runnerNameOf("gha-two", 7, 1))).toBeUndefined();
});
