import { expect, it } from "vitest";
import type { RunnerClassesDocument } from "../../../contract/runner-classes.ts";
import { parseLaunchId } from "../../../dispatcher/core/runner-name.ts";
import { inspect } from "../../../lab/world/invariants.ts";
import type { Scenario } from "../../../lab/world/scenarios.ts";
import { tryFaults } from "../../../lab/world/try-faults.ts";
import { createWorld, type World } from "../../../lab/world/world.ts";

const SHOP = "acme/shop";
const classOf = (label: string, max: number) => ({ required: [label], runner: [label, "arm64"], max });
const classes = (max: number): RunnerClassesDocument => ({
  large: classOf("large", max),
  small: classOf("small", max),
});

function queueAt({ time, github }: World, seconds: number, id: number, label: string): void {
  time.after(seconds, () => github.queueJob({ id, repository: SHOP, labels: [label] }));
}

const scenario: Scenario = {
  name: "three jobs of two classes with a place each, and one place in all",
  options: { classes: classes(1), maxConcurrency: 1 },
  play(world) {
    queueAt(world, 0, 11, "large");
    queueAt(world, 1, 12, "large");
    queueAt(world, 2, 13, "small");
  },
};

it("no class and no total is passed whichever call fails, and every job runs", async () => {
  const { points, broken } = await tryFaults(scenario);
  expect(broken).toEqual([]);
  expect(points).toBeGreaterThan(200);
});

it("500 jobs of two classes, three places each and four in all, while every hundredth write kills its worker", async () => {
  let writes = 0;
  const world = createWorld({
    ...{ seed: 7, repositories: [SHOP], classes: classes(3), maxConcurrency: 4, workers: 5 },
    faults: ({ name }) =>
      /^table\.(acquire|release|put|update)/.test(name) && ++writes % 100 === 0
        ? writes % 200 === 0
          ? "crash-after"
          : "crash-before"
        : undefined,
  });
  const inspector = inspect(world, { fromLastFault: true });
  for (let index = 0; index < 500; index++) queueAt(world, index, 1_000 + index, index % 3 === 0 ? "small" : "large");
  await world.time.run(30);
  expect(inspector.violations()).toEqual([]);
  expect(writes).toBeGreaterThan(3_000);
  // A place that nobody gave back is taken by whoever waits for one: its launch has ended.
  for (const { capacity } of [world, world.placesOfClass("large"), world.placesOfClass("small")]) {
    for (const { launchId } of await capacity.holders()) {
      const { jobId, launchNumber } = parseLaunchId(launchId) ?? { jobId: 0, launchNumber: 0 };
      const launches = (await world.jobs.get(jobId))?.launches ?? [];
      expect(launches.find(({ number }) => number === launchNumber)?.state ?? "ended").toBe("ended");
    }
  }
});
