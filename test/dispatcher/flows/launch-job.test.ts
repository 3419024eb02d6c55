import { expect, it } from "vitest";
import { noteRefused } from "../../../dispatcher/core/fair-places.ts";
import { newRecord } from "../../../dispatcher/core/job.ts";
import { NotInstalledError, RefusedError, TransientError } from "../../../dispatcher/errors.ts";
import { launchJob } from "../../../dispatcher/flows/launch-job.ts";
import { createFlowBench, launchOf, SHOP } from "../../support/flow-deps.ts";
import { sampleJob } from "../../support/sample-job.ts";

function open(maxConcurrency = 0) {
  const bench = createFlowBench(maxConcurrency);
  bench.github.queueJob({ id: 11, repository: SHOP, labels: launchOf(11).labels });
  return { ...bench, launch: (message = launchOf(11)) => launchJob(bench.deps, bench.context(), message) };
}

it("a queued job gets a registered runner, a MicroVM and a watch", async () => {
  const { launch, jobs, microvms, github, queue } = open();
  expect(await launch()).toEqual({ kind: "done" });
  expect(await jobs.get(11)).toMatchObject({ launches: [{ number: 1, state: "running", runnerId: 1 }] });
  expect(microvms.all()).toHaveLength(1);
  expect(github.runners()).toMatchObject([{ name: "gha-11-1" }]);
  expect(queue.bodies().map((body) => JSON.parse(body))).toMatchObject([{ type: "watch", jobId: 11 }]);
});

it("a launch that GitHub refuses gives its place and its lease back, and is told from one that nobody moves on", async () => {
  const { launch, github, capacity, jobs } = open(1);
  github.failNext("registerRunner", new RefusedError("refused"));
  await expect(launch()).rejects.toThrow("refused");
  expect(await capacity.holders()).toEqual([]);
  const record = await jobs.get(11);
  expect(record?.lease).toBeUndefined();
  expect(record?.launches).toMatchObject([{ number: 1, state: "claimed", refusedAt: expect.any(String) }]);
});

it("a launch that RunMicrovm refuses gives its place back, also while GitHub refuses as well", async () => {
  const { launch, github, microvms, capacity, jobs } = open(1);
  microvms.failNext("run", new RefusedError("denied"));
  github.failNext("removeRunner", new RefusedError("suspended"));
  await expect(launch()).rejects.toThrow("denied");
  expect(await capacity.holders()).toEqual([]);
  expect(await jobs.get(11)).toMatchObject({ launches: [{ state: "ended", runnerLeft: true }] });
});

it("a registration that outlived a refused launch is looked after, also when its job is over by then", async () => {
  const { launch, github, microvms, jobs, queue } = open();
  microvms.failNext("run", new RefusedError("denied"));
  github.failNext("removeRunner", new RefusedError("suspended"));
  await expect(launch()).rejects.toThrow("denied");
  const record = await jobs.get(11);
  if (record === undefined) throw new Error("the job has no record");
  await jobs.put({ ...record, conclusion: "cancelled", version: record.version + 1 });
  expect(queue.bodies()).toEqual([]);

  expect(await launch()).toEqual({ kind: "done" });
  expect(queue.bodies().map((body) => JSON.parse(body))).toMatchObject([{ type: "watch", jobId: 11 }]);
});

it("a repository without the App costs one call and one line an hour, and no place", async () => {
  const { launch, github, capacity, clock, events } = open(1);
  github.failBy((operation) => (operation === "registerRunner" ? new NotInstalledError("not there") : undefined));
  for (const delivery of ["a", "b"]) expect(await launch(launchOf(11, delivery))).toEqual({ kind: "done" });
  expect(await capacity.holders()).toEqual([]);
  expect(events().filter((event) => event === "repository.unreachable")).toHaveLength(1);
  clock.advance(3_600);
  await launch(launchOf(11, "c"));
  expect(events().filter((event) => event === "repository.unreachable")).toHaveLength(2);
});

it("a second message for a job that the App does not reach ends, and leaves no watch behind", async () => {
  const { launch, github, queue, events } = open();
  github.failBy(() => new NotInstalledError("not there"));
  for (const delivery of ["a", "a", "b"]) expect(await launch(launchOf(11, delivery))).toEqual({ kind: "done" });
  expect(queue.bodies()).toEqual([]);
  expect(events().filter((event) => event === "repository.unreachable")).toHaveLength(1);
});

it("a job that was served before its repository was lost is left to the watch", async () => {
  const { launch, github, microvms, jobs, queue, clock } = open();
  await launch();
  microvms.die("microvm-00000001");
  const record = await jobs.get(11);
  if (record === undefined) throw new Error("the job has no record");
  const [first] = record.launches;
  if (first === undefined) throw new Error("the job has no launch");
  const died = { ...first, state: "ended" as const, endReason: "MicroVM gone", endedAt: clock.now().toISOString() };
  await jobs.put({ ...record, launches: [died], version: record.version + 1 });
  github.failBy((operation) => (operation === "registerRunner" ? new NotInstalledError("not there") : undefined));
  expect(await launch()).toEqual({ kind: "done" });
  expect(await jobs.get(11)).toMatchObject({ launches: [{}, { state: "ended", endReason: "NotInstalledError" }] });
  expect(queue.bodies().map((body) => JSON.parse(body))).toMatchObject([{ type: "watch", jobId: 11 }]);
});

it("a MicroVM that may exist is asked for with the same token by the next attempt", async () => {
  const { launch, microvms, jobs } = open();
  microvms.failNext("run", "after-effect");
  await expect(launch()).rejects.toBeInstanceOf(TransientError);
  expect(await jobs.get(11)).toMatchObject({ launches: [{ state: "registered", ambiguous: true }] });
  await launch();
  expect(microvms.all()).toHaveLength(1);
  expect(await jobs.get(11)).toMatchObject({ launches: [{ state: "running" }] });
});

it("a launch gets its place, and gives it back, also while it cannot be read or written who waits", async () => {
  const { launch, capacity, deps, jobs, events } = open(1);
  const broken = async () => {
    throw new TransientError("the table does not answer");
  };
  deps.placesQueue = { read: broken, update: broken };
  expect(await launch()).toEqual({ kind: "done" });
  expect(await capacity.holders()).toEqual([{ launchId: "11-1", repository: SHOP }]);
  expect(await jobs.get(11)).toMatchObject({ launches: [{ state: "running" }] });
  expect(events()).toEqual(expect.arrayContaining(["places.queue_unknown", "places.queue_not_written"]));
});

it("a launch keeps from another repository the place that is its turn", async () => {
  const { launch, capacity, deps, jobs } = open(2);
  await capacity.acquire({ launchId: "99-1", repository: SHOP }, { limit: 2, each: 2 });
  await jobs.put(sampleJob({ jobId: 99 }));
  const nowMs = deps.clock.now().getTime();
  await deps.placesQueue.update((queue) => noteRefused(queue, { launchId: "98-1", repository: "acme/site" }, nowMs));
  expect(await launch()).toEqual({ kind: "again", seconds: 40, reason: "share" });
  expect(await capacity.holders()).toHaveLength(1);
  expect((await deps.placesQueue.read()).waiting[SHOP]).toEqual({ "11-1": nowMs });
});

it("a launch without a place waits, and takes that of a launch which has ended", async () => {
  const { launch, capacity, deps, jobs } = open(1);
  await capacity.acquire({ launchId: "99-1", repository: SHOP }, { limit: 1, each: 1 });
  expect(await launch()).toEqual({ kind: "done" });
  expect(await deps.capacity.holders()).toEqual([{ launchId: "11-1", repository: SHOP }]);
  expect(await jobs.get(11)).toMatchObject({ launches: [{ state: "running" }] });
});

it("a job with its run's label gets a runner with exactly its labels, and another run's label none", async () => {
  const { deps, context, jobs, github, events } = open();
  const labels = ["self-hosted", "MicroVM-run-110-2"];
  await launchJob(deps, context(), { ...launchOf(11), labels });
  expect(github.runners()).toMatchObject([{ name: "gha-11-1", labels }]);
  expect(await jobs.get(11)).toMatchObject({ launches: [{ labels, groupId: 0 }] });

  await launchJob(deps, context(), { ...launchOf(12), labels });
  expect(await jobs.get(12)).toBeUndefined();
  expect(events().filter((event) => event === "job.refused")).toHaveLength(1);
});

it("a launch that waits goes on with the labels and the group that it began with", async () => {
  const { launch, deps, github, microvms, jobs, clock } = open();
  microvms.setImage("updating");
  await expect(launch()).rejects.toThrow("updated");
  deps.environment = { ...deps.environment, REQUIRED_LABELS: ["other"], RUNNER_LABELS: ["other"], RUNNER_GROUP_ID: 7 };
  microvms.setImage("active");
  clock.advance(60);
  expect(await launch()).toEqual({ kind: "done" });
  expect(await jobs.get(11)).toMatchObject({ launches: [{ number: 1, state: "running" }] });
  expect(github.runners()).toMatchObject([{ name: "gha-11-1", groupId: 0, labels: launchOf(11).labels }]);
});

it("no further launch is made for a job whose labels are not served any more", async () => {
  const { launch, deps, microvms, jobs, events } = open();
  microvms.failNext("run", new RefusedError("denied"));
  await expect(launch()).rejects.toThrow("denied");
  deps.environment = { ...deps.environment, REQUIRED_LABELS: ["other"], RUNNER_LABELS: ["other"] };
  expect(await launch()).toEqual({ kind: "done" });
  expect(await jobs.get(11)).toMatchObject({ launches: [{ number: 1, state: "ended" }] });
  expect(events()).toContain("job.refused");
});

it("a launch of an earlier release registers as the inputs say", async () => {
  const { launch, deps, github, jobs } = open();
  deps.environment = { ...deps.environment, RUNNER_GROUP_ID: 7 };
  const record = newRecord(launchOf(11), deps.clock.now());
  const claimed = { number: 1, state: "claimed", runnerName: "gha-11-1", claimedAt: record.createdAt } as const;
  await jobs.put({ ...record, version: 1, launches: [claimed] });
  expect(await launch()).toEqual({ kind: "done" });
  expect(github.runners()).toMatchObject([{ name: "gha-11-1", groupId: 7, labels: launchOf(11).labels }]);
});
