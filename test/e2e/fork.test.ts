import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type AppliedLab, applyLab, machinesOf, untilSettled } from "./applied-lab.ts";

let lab: AppliedLab;
beforeAll(async () => {
  lab = await applyLab({
    github: {
      repositories: [
        { fullName: "my-org/shop", private: false },
        { fullName: "jane/shop", private: false, fork: true },
      ],
      users: ["jane"],
      app: { installations: [{ account: "my-org" }] },
    },
  });
});
afterAll(() => lab?.stop());

const refusals = () =>
  lab.aws.functions
    .output("gha-microvm-dispatcher")
    .filter((line) => line.includes('"job.refused"'))
    .map((line): unknown => JSON.parse(line));

it("serves a public repository's own jobs and none of a fork's pull request", async () => {
  const fork = lab.queueJob({ headRepository: "jane/shop" });
  await eventually(() => expect(refusals()).toMatchObject([{ reason: "fork", jobId: fork.id, repo: "my-org/shop" }]));
  expect(machinesOf(lab, fork)).toEqual([]);
  expect(fork.status).toBe("queued");
  lab.github.cancelJob(fork.id);

  const own = lab.queueJob();
  await untilSettled(lab, own);

  expect(own.conclusion).toBe("success");
  lab.github.assertFaithful();
});
