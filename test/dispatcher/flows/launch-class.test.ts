import { describe, expect, it } from "vitest";
import { decodeRunPayload } from "../../../contract/run-payload.ts";
import type { RunnerClassesDocument } from "../../../contract/runner-classes.ts";
import { ThrottledError } from "../../../dispatcher/errors.ts";
import { launchJob } from "../../../dispatcher/flows/launch-job.ts";
import { classPorts } from "../../support/class-ports.ts";
import { createFlowBench, launchOf, SHOP } from "../../support/flow-deps.ts";
import { sampleJob } from "../../support/sample-job.ts";

const CONNECTOR = "arn:aws:lambda:eu-west-1:123456789012:network-connector:vpc";
const large = {
  ...{ required: ["microvm-large"], runner: ["microvm-large", "arm64"], image: "gha-runner-large" },
  ...{ group: 9, egress: CONNECTOR, seconds: 600, max: 1 },
};

function open(classes: RunnerClassesDocument = { large }, maxConcurrency = 0) {
  const bench = createFlowBench(maxConcurrency);
  const set = (document: RunnerClassesDocument, param = "/gha/classes:1") => {
    Object.assign(bench.deps, { classes: async () => document });
    bench.deps.environment = { ...bench.deps.environment, CLASSES_PARAM: param };
  };
  Object.assign(bench.deps, classPorts());
  set(classes);
  const message = (jobId: number) => ({ ...launchOf(jobId), labels: ["microvm-large"] });
  for (const id of [11, 12]) bench.github.queueJob({ id, repository: SHOP, labels: ["microvm-large"] });
  return { ...bench, set, message, launch: (given = message(11)) => launchJob(bench.deps, bench.context(), given) };
}

it("a job is launched as its class says, and its record tells which", async () => {
  const { launch, jobs, github, microvms } = open();
  expect(await launch()).toEqual({ kind: "done" });
  const of = { class: "large", image: "gha-runner-large", labels: large.runner, groupId: 9 };
  expect(await jobs.get(11)).toMatchObject({ launches: [{ state: "running", ...of }] });
  expect(github.runners()).toMatchObject([{ groupId: 9, labels: large.runner }]);
  const [{ input } = { input: undefined }] = microvms.all();
  expect(input).toMatchObject({
    imageArn: "arn:aws:lambda:eu-west-1:123456789012:microvm-image:gha-runner-large",
    egressConnectorArn: CONNECTOR,
    logGroup: "/aws/lambda-microvms/gha-runner-large",
    maxDurationSeconds: 600,
  });
  expect(decodeRunPayload(input?.runHookPayload ?? "").runnerClass).toBe("large");
});

describe("the places of a class", () => {
  it("are its own, and a full one takes none of all", async () => {
    const { deps, launch, message, capacity } = open({ large }, 5);
    await launch();
    expect(await launch(message(12))).toEqual({ kind: "again", seconds: 40, reason: "max_concurrency" });
    expect((await capacity.holders()).map(({ launchId }) => launchId)).toEqual(["11-1"]);
    expect(await deps.placesOfClass("large").capacity.holders()).toHaveLength(1);
  });

  it("are given back where there is no place in all", async () => {
    const { deps, launch, capacity } = open({ large: { ...large, max: 2 } }, 1);
    await capacity.acquire({ launchId: "99-1", repository: SHOP }, { limit: 1, each: 1 });
    await deps.jobs.put(sampleJob({ jobId: 99 }));
    expect(await launch()).toMatchObject({ kind: "again" });
    expect(await deps.placesOfClass("large").capacity.holders()).toEqual([]);
  });

  it("are given back when the launch ends", async () => {
    const { deps, launch, microvms } = open();
    microvms.failNext("run", new ThrottledError("no such image", { reason: "image" }));
    await expect(launch()).rejects.toThrow("no such image");
    expect(await deps.placesOfClass("large").capacity.holders()).toHaveLength(1);
  });
});

describe("a fork's pull request", () => {
  const fork = { isPublic: true as const };
  const queueFork = ({ github }: ReturnType<typeof open>) =>
    github.queueJob({
      ...{ id: 11, runId: 110, repository: SHOP, labels: ["microvm-large"] },
      ...{ isPublic: true, origin: { event: "pull_request", headRepository: "jane/shop" } },
    });

  it("is refused by the class, whatever the default does", async () => {
    const bench = open();
    bench.deps.environment = { ...bench.deps.environment, ALLOW_FORK_PULL_REQUESTS: true };
    queueFork(bench);
    await bench.launch({ ...bench.message(11), ...fork });
    expect(bench.microvms.all()).toEqual([]);
    expect(bench.events()).toContain("job.refused");
  });

  it("is served where the class says so", async () => {
    const bench = open({ large: { ...large, forks: true } });
    queueFork(bench);
    await bench.launch({ ...bench.message(11), ...fork });
    expect(bench.microvms.all()).toHaveLength(1);
  });
});

describe("a job that no class here serves", () => {
  it("comes again where the webhook function judged it by other classes, thirty times", async () => {
    const { launch, message, set, jobs, events } = open({});
    set({}, "/gha/classes:1");
    const judged = { ...message(11), classes: "/gha/classes:2" };
    expect(await launch(judged)).toEqual({
      ...{ kind: "again", seconds: 20, exactly: true },
      message: { ...judged, misses: 1 },
    });
    expect(await launch({ ...judged, misses: 30 })).toEqual({ kind: "done" });
    expect(await jobs.get(11)).toBeUndefined();
    expect(events()).toEqual(["job.refused"]);
  });

  it("is refused where both judged by the same", async () => {
    const { launch, message, events } = open({});
    expect(await launch({ ...message(11), classes: "/gha/classes:1" })).toEqual({ kind: "done" });
    expect(events()).toEqual(["job.refused"]);
  });
});

describe("a class that is removed while its launch waits", () => {
  const noImage = new ThrottledError("the image is being updated", { reason: "capacity" });

  it("undoes what is not registered yet", async () => {
    const { deps, launch, set, jobs, clock, github } = open();
    deps.github = async () => Promise.reject(new ThrottledError("slow down", { retryAfterSeconds: 60 }));
    await expect(launch()).rejects.toThrow("slow down");
    deps.github = async () => github;
    set({});
    clock.advance(60);
    expect(await launch()).toEqual({ kind: "done" });
    expect(await jobs.get(11)).toMatchObject({ launches: [{ state: "ended", endReason: "class removed" }] });
    expect(await deps.placesOfClass("large").capacity.holders()).toEqual([]);
  });

  it("lets go on what is registered", async () => {
    const { launch, set, microvms, jobs, clock } = open();
    microvms.failNext("run", noImage);
    await expect(launch()).rejects.toThrow("updated");
    set({});
    clock.advance(60);
    expect(await launch()).toEqual({ kind: "done" });
    expect(await jobs.get(11)).toMatchObject({ launches: [{ number: 1, state: "running", class: "large" }] });
  });

  it("ends what is registered for an image that is gone", async () => {
    const { launch, set, microvms, jobs, clock } = open();
    microvms.setImage("none");
    await expect(launch()).rejects.toThrow("no active version");
    set({});
    clock.advance(60);
    await expect(launch()).rejects.toThrow("no active version");
    expect(await jobs.get(11)).toMatchObject({ launches: [{ number: 1, state: "ended" }] });
  });
});
