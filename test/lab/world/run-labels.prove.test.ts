import { expect, it } from "vitest";
import { parseLaunchId } from "../../../dispatcher/core/runner-name.ts";
import { inspect } from "../../../lab/world/invariants.ts";
import { createWorld } from "../../../lab/world/world.ts";

const SHOP = "acme/shop";
const SEEDS = 300;
const FORKS_JOB = 9_000;

/**
 * Two runs whose jobs come in the same minute, each with its run's label, and a fork's pull request that asks for any
 * runner.
 */
async function play(seed: number) {
  const world = createWorld({
    ...{ seed, repositories: [SHOP], rate: { perSecond: 5, burst: 5 }, addsLabels: seed % 2 === 0 },
    fateOfMicrovm: (_, random) => ({
      ...{ bootSeconds: 10 + random() * 60, jobSeconds: 30 + random() * 60 },
      ...(random() < 0.05 ? { diesAfterSeconds: 20 } : {}),
    }),
  });
  const inspector = inspect(world);
  for (let index = 0; index < 10; index++) {
    const runId = 100 + (index % 2);
    const job = { id: 1_000 + index, runId, repository: SHOP, labels: ["self-hosted", `microvm-run-${runId}`] };
    world.time.after(world.random() * 60, () => world.github.queueJob({ ...job, isPublic: true }));
  }
  const fork = { isPublic: true, origin: { event: "pull_request", headRepository: "jane/shop" } };
  const forks = { id: FORKS_JOB, runId: 900, repository: SHOP, labels: ["self-hosted", "microvm"], ...fork };
  world.time.after(world.random() * 60, () => world.github.queueJob(forks));
  await world.time.run(30);
  const runOf = new Map(world.github.jobs().map(({ id, runId }) => [id, runId]));
  const madeForRun = (runnerName: string | null) => {
    const id = parseLaunchId(runnerName?.slice("gha-".length) ?? "");
    return id === undefined ? undefined : runOf.get(id.jobId);
  };
  return {
    broken: inspector.violations(),
    unserved: world.github.jobs().filter(({ id, runnerName }) => id !== FORKS_JOB && runnerName === null).length,
    crossed: world.github.jobs().filter(({ runId, runnerName }) => runnerName && madeForRun(runnerName) !== runId)
      .length,
    forksRunner: world.github.job(FORKS_JOB)?.runnerName,
  };
}

it(`in ${SEEDS} worlds with two runs and a fork no job runs on another run's runner, and the fork's on none`, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    expect(await play(seed), `seed ${seed}`).toEqual({ broken: [], unserved: 0, crossed: 0, forksRunner: null });
  }
});
