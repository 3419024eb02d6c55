import { expect, it } from "vitest";
import type { LaunchMessage } from "../../../contract/messages.ts";
import { RefusedError, TransientError } from "../../../dispatcher/errors.ts";
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

it("of two copies of a watch handled side by side one leaves a message behind", async () => {
  const { deps, context, jobs, clock, sent } = await watched();
  const due = (await jobs.get(11))?.watchDue ?? "";
  clock.set(new Date(due));
  const looks = [1, 2].map(() => watchJob(deps, context(), { type: "watch", jobId: 11, due }));
  await Promise.all(looks);
  const next = (await jobs.get(11))?.watchDue ?? "";
  expect(next).not.toBe(due);
  expect(sent().filter((message) => "due" in message && message.due === next)).toHaveLength(1);
});

it("a copy that comes back after a failure stands in for the watch that counts, and ends when that one has been", async () => {
  const { deps, context, jobs, clock, look, sent, queue } = await watched();
  const stray = { type: "watch", jobId: 11, due: "2026-01-01T00:00:00.000Z" } as const;
  const due = (await jobs.get(11))?.watchDue ?? "";
  await watchJob(deps, { ...context(), retried: true }, stray);
  expect(sent()).toHaveLength(2);
  expect(queue.nextVisibleAt()).toEqual(new Date(due));
  await look();
  const after = sent().length;
  clock.advance(30);
  await watchJob(deps, context(), { type: "watch", jobId: 11, due });
  expect(sent()).toHaveLength(after);
});

it("a launch that nobody moves on is handed on again once in a quarter of an hour", async () => {
  const bench = createFlowBench();
  const { deps, context, github, jobs, clock, queue } = bench;
  github.queueJob({ id: 11, repository: SHOP, labels: launchOf(11).labels });
  github.failNext("registerRunner", new TransientError("no answer"));
  await expect(launchJob(deps, context(), launchOf(11))).rejects.toThrow("no answer");
  await expect(launchJob(deps, context(), launchOf(11))).resolves.toEqual({ kind: "done" });
  const launched = await jobs.get(11);
  expect(launched?.launches).toMatchObject([{ state: "running" }]);
  const [launch] = launched?.launches ?? [];
  if (launched === undefined || launch === undefined) throw new Error("there is no launch");
  const { microvmId: _, launchedAt: __, ...rest } = launch;
  await jobs.put({ ...launched, version: launched.version + 1, launches: [{ ...rest, state: "claimed" }] });
  const sentLaunches = () => queue.bodies().filter((body) => body.includes('"launch"')).length;
  for (let minute = 0; minute < 40; minute++) {
    clock.advance(60);
    const due = (await jobs.get(11))?.watchDue ?? "";
    await watchJob(deps, context(), { type: "watch", jobId: 11, due });
  }
  expect(sentLaunches()).toBe(3);
});
