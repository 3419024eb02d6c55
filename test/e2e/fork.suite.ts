import { beforeAll, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type AppliedLab, machinesOf, untilSettled } from "./applied-lab.ts";
import { deployment, OPEN } from "./deployment.ts";

let lab: AppliedLab;
beforeAll(() => {
  lab = deployment();
});

const refusals = () =>
  lab.aws.functions
    .output("gha-microvm-dispatcher")
    .filter((line) => line.includes('"job.refused"'))
    .map((line): unknown => JSON.parse(line));

it("serves a public repository's own jobs and none of a fork's pull request", async () => {
  const fork = lab.queueJob({ repository: OPEN.repository, headRepository: OPEN.fork });
  await eventually(() => expect(refusals()).toMatchObject([{ reason: "fork", jobId: fork.id, repo: OPEN.repository }]));
  expect(machinesOf(lab, fork)).toEqual([]);
  expect(fork.status).toBe("queued");
  lab.github.cancelJob(fork.id);

  const own = lab.queueJob({ repository: OPEN.repository });
  await untilSettled(lab, own);

  expect(own.conclusion).toBe("success");
  lab.github.assertFaithful();
});
