import { expect, it } from "vitest";
import type { LaunchMessage } from "../../../contract/messages.ts";
import { RefusedError } from "../../../dispatcher/errors.ts";
import { launchJob } from "../../../dispatcher/flows/launch-job.ts";
import { watchJob } from "../../../dispatcher/flows/watch-job.ts";
import { createFlowBench, launchOf, SHOP } from "../../support/flow-deps.ts";

async function watched(maxConcurrency = 0) {
  const bench = createFlowBench(maxConcurrency);
  bench.github.queueJob({ id: 11, repository: SHOP, labels: launchOf(11).labels });
  await launchJob(bench.deps, bench.context(), launchOf(11));
  /** Looks at the job when the watch that counts is due. */
  const look = async () => {
    const due = (await bench.jobs.get(11))?.watchDue ?? "";
    bench.clock.set(new Date(due));
    return watchJob(bench.deps, bench.context(), { type: "watch", jobId: 11, due });
  };
  const sent = () => bench.queue.bodies().map((body) => JSON.parse(body) as LaunchMessage);
  return { ...bench, look, sent };
}

it("a dead MicroVM ends its launch and its place without GitHub, and is followed", async () => {
  const { microvms, github, look, jobs, capacity, sent } = await watched(1);
  microvms.die("microvm-00000001");
  github.failNext("removeRunner", new RefusedError("suspended"));
  await look();
  expect(await jobs.get(11)).toMatchObject({ launches: [{ endReason: "MicroVM gone", runnerLeft: true }] });
  expect(await capacity.holders()).toEqual([]);
  await look();
  expect((await jobs.get(11))?.launches[0]).not.toHaveProperty("runnerLeft");
  expect(sent().filter(({ type }) => type === "launch")).toMatchObject([{ relaunch: { after: 1 } }]);
});

it("looking goes on when GitHub refuses to let a runner go", async () => {
  const { github, look, jobs, clock } = await watched();
  clock.advance(400);
  github.failNext("removeRunner", new RefusedError("suspended"));
  const before = (await jobs.get(11))?.watchDue ?? "";
  expect(await look()).toEqual({ kind: "done" });
  const record = await jobs.get(11);
  expect(record?.launches).toMatchObject([{ state: "running" }]);
  expect(Date.parse(record?.watchDue ?? "")).toBeGreaterThan(Date.parse(before));
});

it("a watch that is early only carries its moment on", async () => {
  const { deps, context, jobs, github, sent } = await watched();
  const due = (await jobs.get(11))?.watchDue ?? "";
  const asked = github.calls.length;
  await watchJob(deps, context(), { type: "watch", jobId: 11, due, early: true });
  expect(github.calls.length).toBe(asked);
  expect(sent().filter((message) => JSON.stringify(message).includes(due))).toHaveLength(2);
});

it("a stray copy of a watch does nothing", async () => {
  const { deps, context, jobs, sent } = await watched();
  const before = await jobs.get(11);
  await watchJob(deps, context(), { type: "watch", jobId: 11, due: "2026-01-01T00:00:00.000Z" });
  expect(await jobs.get(11)).toEqual(before);
  expect(sent()).toHaveLength(1);
});
