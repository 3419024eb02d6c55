import { describe, expect, it } from "vitest";
import { TransientError } from "../../../dispatcher/errors.ts";
import { createWorld, LABELS, type World, type WorldOptions } from "../../../lab/world/world.ts";

const REPOSITORY = "acme/shop";
const fromFork = { isPublic: true, origin: { event: "pull_request", headRepository: "jane/shop" } };

/** Queues job 11 and lets some hours pass. */
async function play(
  job: typeof fromFork | object,
  options: Partial<WorldOptions> = {},
  allowed = false,
): Promise<World> {
  const world = createWorld({
    seed: 1,
    repositories: [REPOSITORY],
    alter: (deps) => ({ ...deps, environment: { ...deps.environment, ALLOW_FORK_PULL_REQUESTS: allowed } }),
    ...options,
  });
  world.github.queueJob({ id: 11, repository: REPOSITORY, labels: LABELS, ...job });
  await world.time.run(5);
  return world;
}

const calls = (world: World, name: string) => world.gate.calls.filter((call) => call.name === name).length;
const statusOf = (world: World) => world.github.jobs()[0]?.status;

describe("a job of a fork's pull request", () => {
  it("gets nothing where the repository is public, and the log says why", async () => {
    const world = await play(fromFork);

    expect(statusOf(world)).toBe("queued");
    expect(world.microvms.all()).toEqual([]);
    expect(calls(world, "github.registerRunner")).toBe(0);
    expect(await world.jobs.get(11)).toBeUndefined();
    const refusals = world.log.filter((line) => line.includes('"job.refused"'));
    expect(refusals).toEqual([expect.stringContaining('"reason":"fork"')]);
    expect(world.queue.bodies()).toEqual([]);
  });

  it("runs where that is allowed, and where the repository is not public, without a question", async () => {
    for (const world of [await play(fromFork, {}, true), await play({ ...fromFork, isPublic: false })]) {
      expect(statusOf(world)).toBe("completed");
      expect(calls(world, "github.getRunOrigin")).toBe(0);
    }
  });
});

describe("a job of a public repository", () => {
  it("runs, at the cost of one question", async () => {
    const world = await play({ isPublic: true });

    expect(statusOf(world)).toBe("completed");
    expect(calls(world, "github.getRunOrigin")).toBe(1);
  });

  it("is neither lost nor served on a guess while GitHub does not answer", async () => {
    let asked = 0;
    const faults: WorldOptions["faults"] = ({ name }) =>
      name === "github.getRunOrigin" && ++asked <= 3 ? new TransientError("no answer") : undefined;

    const own = await play({ isPublic: true }, { faults });
    asked = 0;
    const fork = await play(fromFork, { faults });

    expect([statusOf(own), statusOf(fork)]).toEqual(["completed", "queued"]);
    expect(fork.microvms.all()).toEqual([]);
  });

  it("is launched again without another question when its MicroVM dies", async () => {
    const world = await play(
      { isPublic: true },
      {
        fateOfMicrovm: ({ input }) => ({
          ...{ bootSeconds: 20, jobSeconds: 60 },
          ...(input.clientToken.endsWith("-1") ? { diesAfterSeconds: 10 } : {}),
        }),
      },
    );

    expect(statusOf(world)).toBe("completed");
    expect(world.microvms.all()).toHaveLength(2);
    expect(calls(world, "github.getRunOrigin")).toBe(1);
  });
});
