import { describe, expect, it } from "vitest";
import {
  type ImageView,
  judgeBuild,
  judgeDeadLetters,
  judgeImage,
  judgeJobsQueue,
  unasked,
} from "../../../cli/core/judge-aws.ts";

const queue = { name: "ci-dead-letters", visible: 0, delayed: 0, inFlight: 0 };

describe("the image", () => {
  it.each<[string, ImageView, string, object]>([
    [
      "built",
      { state: "CREATED", latestActiveVersion: "1.0" },
      "",
      { outcome: "pass", text: /latest active version 1\.0/ },
    ],
    [
      "pinned",
      { state: "UPDATED", latestActiveVersion: "3.0" },
      "2.0",
      { outcome: "pass", text: /version 2\.0 pinned/ },
    ],
    ["never built", { state: "CREATE_FAILED" }, "", { outcome: "fail", text: /no active version/, fix: /build below/ }],
    [
      "broken by an update",
      { state: "UPDATE_FAILED", latestActiveVersion: "1.0" },
      "",
      { outcome: "fail", text: /UPDATE_FAILED/ },
    ],
    [
      "being built",
      { state: "UPDATING", latestActiveVersion: "1.0" },
      "",
      { outcome: "skip", fix: /again in some minutes/ },
    ],
  ])("that is %s is judged so", (_, view, pinned, expected) => {
    expect(judgeImage({ value: view }, pinned)).toMatchObject(matching(expected));
  });
});

describe("its builds", () => {
  const failed = { state: "FAILED", createdAt: new Date(0), reason: "Ready hook invocation timed out after PT60S" };

  it("pass when none has failed, or a later one was built", () => {
    expect(judgeBuild({ value: { image: { state: "CREATED", latestActiveVersion: "1.0" }, builds: [] } }).outcome).toBe(
      "pass",
    );
    const image = { state: "UPDATED", latestActiveVersion: "10.0", latestFailedVersion: "9.0" };
    expect(judgeBuild({ value: { image, builds: [failed] } })).toMatchObject({
      outcome: "pass",
      text: expect.stringContaining("10.0"),
    });
  });

  it("fail with the service's reason when the newest failed, and say what jobs run on", () => {
    const image = { state: "UPDATE_FAILED", latestActiveVersion: "9.0", latestFailedVersion: "10.0" };
    expect(judgeBuild({ value: { image, builds: [failed] } })).toMatchObject({
      outcome: "fail",
      text: "the build of version 10.0 failed: Ready hook invocation timed out after PT60S",
      fix: expect.stringContaining("until then jobs run on version 9.0"),
    });
  });

  it("fail with the way to a new name when none was ever built", () => {
    const image = { state: "CREATE_FAILED", latestFailedVersion: "1.0" };
    expect(judgeBuild({ value: { image, builds: [{ state: "FAILED", createdAt: new Date(0) }] } })).toMatchObject({
      text: expect.stringContaining("gives no reason"),
      fix: expect.stringContaining("-replace=module.gha_runner.random_id.image"),
    });
  });
});

describe("the queues", () => {
  it("pass with no dead letter, and fail with any, in whatever condition", () => {
    expect(judgeDeadLetters({ value: queue }, "eu-west-1").outcome).toBe("pass");
    for (const condition of ["visible", "delayed", "inFlight"]) {
      expect(judgeDeadLetters({ value: { ...queue, [condition]: 2 } }, "eu-west-1")).toMatchObject({
        outcome: "fail",
        text: expect.stringContaining("2 in ci-dead-letters"),
        fix: expect.stringContaining("/aws/lambda/ci-dispatcher"),
      });
    }
  });

  it("say what the jobs queue holds", () => {
    const view = { name: "ci-jobs", visible: 1, delayed: 2, inFlight: 3 };
    expect(judgeJobsQueue({ value: view }).text).toBe("1 to be taken, 3 being handled, 2 waiting for their moment");
  });
});

it("says of what it cannot ask which command does", () => {
  expect(unasked("ci-jobs", "eu-west-1")).toEqual([
    expect.objectContaining({ outcome: "skip", fix: expect.stringMatching(/^aws .*ApproximateAgeOfOldestMessage/) }),
  ]);
});

function matching(expected: object): object {
  const entries = Object.entries(expected);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, value instanceof RegExp ? expect.stringMatching(value) : value]),
  );
}
