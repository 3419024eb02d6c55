import { describe, expect, it } from "vitest";
import { createLogger } from "../../contract/log.ts";
import type { LaunchMessage } from "../../contract/messages.ts";
import { decodeRunPayload, wrapJitConfig } from "../../contract/run-payload.ts";
import { NOBODY_WAITS } from "../../dispatcher/core/fair-places.ts";
import type { JobRecord } from "../../dispatcher/core/job.ts";
import { NO_HOLD } from "../../dispatcher/core/runner-hold.ts";
import { NO_RELEASES } from "../../dispatcher/core/runner-releases.ts";
import type { DispatcherDeps, FlowContext } from "../../dispatcher/flows/deps.ts";
import { launchJob } from "../../dispatcher/flows/launch-job.ts";
import { leaksIn } from "../../lab/secret-forms.ts";
import { functionEnvironment } from "../../lab/world/services/function-environment.ts";
import { createManualClock } from "../../lab/world/services/manual-clock.ts";
import { createMemoryCapacity } from "../../lab/world/services/memory-capacity.ts";
import { createMemoryCell } from "../../lab/world/services/memory-cell.ts";
import { createMemoryDeployment } from "../../lab/world/services/memory-deployment.ts";
import { createMemoryGitHub } from "../../lab/world/services/memory-github.ts";
import { createMemoryJobStore } from "../../lab/world/services/memory-job-store.ts";
import { createMemoryMicrovms } from "../../lab/world/services/memory-microvms.ts";
import { createMemoryPace } from "../../lab/world/services/memory-pace.ts";
import { createMemoryQueue } from "../../lab/world/services/memory-queue.ts";
import { createWorld, LABELS } from "../../lab/world/world.ts";
import { createAppKey } from "../support/app-key.ts";
import { classPorts } from "../support/class-ports.ts";

const REPOSITORY = "acme/shop";
const message: LaunchMessage = {
  type: "launch",
  jobId: 11,
  runId: 22,
  repository: REPOSITORY,
  labels: ["self-hosted", "microvm"],
  deliveryId: "delivery-1",
};

function setUp() {
  const clock = createManualClock();
  const lines: string[] = [];
  const log = createLogger((line) => lines.push(line));
  const github = createMemoryGitHub({ clock, repositories: [REPOSITORY, "other/shop", "acme/site"] });
  const deps: DispatcherDeps = {
    environment: { ...functionEnvironment, GH_REPOSITORIES: ["shop"] },
    region: "eu-west-1",
    jobs: createMemoryJobStore(),
    pace: createMemoryPace(),
    capacity: createMemoryCapacity(),
    placesQueue: createMemoryCell(NOBODY_WAITS),
    deployment: createMemoryDeployment(),
    hold: createMemoryCell(NO_HOLD),
    ...classPorts(),
    releases: createMemoryCell(NO_RELEASES),
    microvms: createMemoryMicrovms({ clock }),
    queue: createMemoryQueue({ clock }),
    secret: async () => ({ webhook_secrets: ["w"], github_app: { app_id: "1", private_key: "k" } }),
    github: async () => github,
    clock,
    sleep: async (ms) => clock.advance(ms / 1_000),
    random: () => 0.5,
    log,
  };
  const deadline = new Date(clock.now().getTime() + 30_000);
  const context: FlowContext = { holder: "request/message", deadline, retried: false, log };
  return { deps, context, github, lines };
}

describe("a message of a job that is not ours, which the webhook should have let pass", () => {
  it.each([
    ["of another owner", { repository: "other/shop" }, "repository"],
    ["of a repository that is not named", { repository: "acme/site" }, "repository"],
    ["without a required label", { labels: ["self-hosted"] }, "labels"],
    ["with a label that no runner has", { labels: ["self-hosted", "microvm", "gpu"] }, "labels"],
  ])("is refused by the dispatcher too: %s", async (_, change, reason) => {
    const { deps, context, github, lines } = setUp();

    expect(await launchJob(deps, context, { ...message, ...change })).toEqual({ kind: "done" });

    expect(await deps.jobs.get(11)).toBeUndefined();
    expect(github.runners()).toEqual([]);
    expect(lines.map((line) => JSON.parse(line))).toEqual([{ level: "warn", event: "job.refused", reason }]);
  });

  it("is not what a job of ours is taken for", async () => {
    const { deps, context } = setUp();

    await launchJob(deps, context, message);

    expect(await deps.jobs.get(11)).toMatchObject({ launches: [{ state: "running" }] });
  });
});

it("the lease of an attempt lasts until Lambda ends it, and no shorter", async () => {
  const { deps, context, github } = setUp();
  const held: (JobRecord["lease"] | undefined)[] = [];
  const watched = {
    ...github,
    registerRunner: async (...call: Parameters<typeof github.registerRunner>) => {
      held.push((await deps.jobs.get(11))?.lease);
      return github.registerRunner(...call);
    },
  };

  await launchJob({ ...deps, github: async () => watched }, context, message);

  expect(held).toEqual([{ holder: context.holder, until: context.deadline.toISOString() }]);
});

describe("a job's whole way through the functions", () => {
  async function play() {
    const key = createAppKey().pkcs1;
    const world = createWorld({
      seed: 1,
      repositories: [REPOSITORY],
      maxConcurrency: 2,
      alter: (deps) => ({
        ...deps,
        secret: async () => ({ ...(await deps.secret()), github_app: { app_id: "1", private_key: key } }),
      }),
    });
    world.time.after(0, () => world.github.queueJob({ id: 11, repository: REPOSITORY, labels: LABELS }));
    const queuedAt = world.time.now().getTime() / 1_000;
    await world.time.run(30);
    const [microvm] = world.microvms.all();
    if (microvm === undefined) throw new Error("no MicroVM was launched");
    const text = microvm.input.runHookPayload;
    return { world, key, queuedAt, text, payload: decodeRunPayload(text) };
  }

  it("writes no secret into a log, in whatever form", async () => {
    const { world, key, text, payload } = await play();
    const written = world.log.join("\n");

    expect(written).toContain('"launch.ended"');
    const secrets = new Map([
      ["webhook secret", world.secrets.signing()],
      ["run payload", text],
      ["JIT configuration", wrapJitConfig(payload.jitConfig)],
      ["finish MAC", payload.finish.mac],
      ...Object.entries(payload.jitConfig).filter(([, file]) => file.length > 20),
      ...key
        .split("\n")
        .filter((line) => line.length > 20 && !line.startsWith("-----"))
        .map((line, index) => [`line ${index} of the App's key`, line] as const),
    ]);
    expect(leaksIn(written, secrets)).toEqual([]);
  });

  it("gives a finish call that is good for the day that its launch may wait, and all of the MicroVM's life", async () => {
    const { queuedAt, payload } = await play();

    expect(payload.finish.expiresAt - queuedAt).toBeGreaterThanOrEqual(payload.maxDurationSeconds + 24 * 3_600);
  });

  it("gives its place back by itself, with nobody waiting for one", async () => {
    const { world } = await play();

    expect(await world.jobs.get(11)).toMatchObject({ launches: [{ state: "ended" }] });
    expect(await world.capacity.holders()).toEqual([]);
  });
});
