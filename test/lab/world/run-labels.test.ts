import { expect, it } from "vitest";
import { parseLaunchId } from "../../../dispatcher/core/runner-name.ts";
import { inspect } from "../../../lab/world/invariants.ts";
import { createWorld, LABELS } from "../../../lab/world/world.ts";

const SHOP = "acme/shop";
const RUNS = 30;
const fork = { isPublic: true, origin: { event: "pull_request", headRepository: "jane/shop" } };

/** Jobs of many runs within minutes, ten a run, and how many of them ran on a runner that was made for another run. */
async function swapsBetweenRuns(labelsOf: (runId: number) => readonly string[]) {
  const world = createWorld({
    ...{ seed: 3, repositories: [SHOP], rate: { perSecond: 5, burst: 5 } },
    fateOfMicrovm: (_, random) => ({
      ...{ bootSeconds: 10 + random() * 60, jobSeconds: 30 + random() * 60 },
      ...(random() < 0.03 ? { diesAfterSeconds: 20 } : {}),
    }),
  });
  const inspector = inspect(world);
  for (let index = 0; index < RUNS * 10; index++) {
    const runId = 100 + (index % RUNS);
    const job = { id: 1_000 + index, runId, repository: SHOP, labels: labelsOf(runId) };
    world.time.after(index % 60, () => world.github.queueJob({ ...job, isPublic: true }));
  }
  const forks = { id: 9_000, runId: 900, repository: SHOP, labels: ["self-hosted", "microvm"] };
  world.time.after(5, () => world.github.queueJob({ ...forks, ...fork }));
  await world.time.run(30);
  const runOf = new Map(world.github.jobs().map(({ id, runId }) => [id, runId]));
  const swapped = world.github.jobs().filter(({ runId, runnerName }) => {
    const madeFor = parseLaunchId(runnerName?.slice("gha-".length) ?? "");
    return madeFor !== undefined && runOf.get(madeFor.jobId) !== runId;
  });
  return { swaps: swapped.length, forks: world.github.job(9_000)?.runnerName, broken: inspector.violations() };
}

it("with its run's label no job gets another run's runner, and a fork's gets none", async () => {
  const labelled = await swapsBetweenRuns((runId) => ["self-hosted", `microvm-run-${runId}`]);
  expect(labelled).toEqual({ swaps: 0, forks: null, broken: [] });
  const plain = await swapsBetweenRuns(() => LABELS);
  expect(plain.swaps).toBeGreaterThan(0);
  expect(plain.forks).not.toBeNull();
});
