import { expect, it } from "vitest";
import { RefusedError } from "../../../dispatcher/errors.ts";
import { finishJob } from "../../../dispatcher/flows/finish-job.ts";
import { launchJob } from "../../../dispatcher/flows/launch-job.ts";
import { createFlowBench, launchOf, SHOP } from "../../support/flow-deps.ts";

async function launched(maxConcurrency = 0) {
  const bench = createFlowBench(maxConcurrency);
  bench.github.queueJob({ id: 11, repository: SHOP, labels: launchOf(11).labels });
  await launchJob(bench.deps, bench.context(), launchOf(11));
  return bench;
}
const over = { jobId: 11, runId: 110, repository: SHOP, conclusion: "success" };

it("a completed job's MicroVM is terminated, and its place is free", async () => {
  const { deps, context, jobs, microvms, capacity } = await launched(1);
  await finishJob(deps, context(), { type: "finish", source: "completed", launchId: "11-1", ...over });
  expect(await jobs.get(11)).toMatchObject({ conclusion: "success", launches: [{ endReason: "job completed" }] });
  expect(microvms.alive()).toEqual([]);
  expect(await capacity.holders()).toEqual([]);
});

it("how long a job ran is told once, also where a look found it over before", async () => {
  const { deps, context, jobs, events } = await launched();
  const known = await jobs.get(11);
  if (known === undefined) throw new Error("the job has no record");
  await jobs.put({
    ...known,
    version: known.version + 1,
    conclusion: "success",
    untold: true,
    queuedAt: known.createdAt,
  });
  const ran = { ranFrom: "2026-01-01T12:00:00Z", ranUntil: "2026-01-01T12:04:00Z" };
  const message = { type: "finish", source: "completed", launchId: "11-1", ...over, ...ran } as const;
  await finishJob(deps, context(), message);
  await finishJob(deps, context(), message);
  expect(events().filter((event) => event === "job.ran")).toHaveLength(1);
  expect(await jobs.get(11)).not.toHaveProperty("untold");
});

it("a MicroVM's own call waits for GitHub's word, and is enough where GitHub refuses to be asked", async () => {
  const { deps, context, jobs, microvms, github } = await launched();
  const call = { type: "finish", source: "vm", launchId: "11-1" } as const;
  expect(await finishJob(deps, context(), call)).toMatchObject({ kind: "again" });
  github.failNext("removeRunner", new RefusedError("suspended"));
  expect(await finishJob(deps, context(), { ...call, again: true })).toEqual({ kind: "done" });
  expect(await jobs.get(11)).toMatchObject({ launches: [{ endReason: "runner exited", runnerLeft: true }] });
  expect(microvms.alive()).toEqual([]);
});

it("a job cancelled in the queue while GitHub refuses leaves its MicroVM to the watch", async () => {
  const { deps, context, microvms, github, jobs } = await launched();
  github.failNext("removeRunner", new RefusedError("suspended"));
  await finishJob(deps, context(), { type: "finish", source: "completed", ...over, conclusion: "cancelled" });
  expect(microvms.alive()).toHaveLength(1);
  expect(await jobs.get(11)).toMatchObject({ conclusion: "cancelled", launches: [{ state: "running" }] });
});

it("a job that another's runner had is over before its own delivery comes", async () => {
  const { deps, context, jobs } = await launched();
  const other = { jobId: 12, runId: 120, repository: SHOP, conclusion: "success" };
  await finishJob(deps, context(), { type: "finish", source: "completed", launchId: "11-1", ...other });
  expect(await jobs.get(12)).toMatchObject({ conclusion: "success", servedBy: "11-1", launches: [] });
  expect(await launchJob(deps, context(), launchOf(12))).toEqual({ kind: "done" });
  expect((await jobs.get(12))?.launches).toEqual([]);
});

it("a runner is looked for where it was registered, wherever the next ones are", async () => {
  const bench = createFlowBench();
  bench.github.queueJob({ id: 11, repository: SHOP, labels: launchOf(11).labels });
  bench.deps.environment = { ...bench.deps.environment, RUNNER_GROUP_ID: 7 };
  await launchJob(bench.deps, bench.context(), launchOf(11));
  const { RUNNER_GROUP_ID: _, ...ungrouped } = bench.deps.environment;
  bench.deps.environment = ungrouped;
  const cancelled = { ...over, conclusion: "cancelled" };
  await finishJob(bench.deps, bench.context(), { type: "finish", source: "completed", ...cancelled });
  expect(bench.github.runners()).toEqual([]);
  expect(bench.microvms.alive()).toEqual([]);
});
