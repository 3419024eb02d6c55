import { expect, it } from "vitest";
import { createLogger } from "../../../contract/log.ts";
import type { ImageVersion } from "../../../dispatcher/core/views.ts";
import { pruneVersions } from "../../../dispatcher/flows/prune-versions.ts";
import { inspect } from "../../../lab/world/invariants.ts";
import { functionEnvironment } from "../../../lab/world/services/function-environment.ts";
import { createMemoryImageVersions } from "../../../lab/world/services/memory-image-versions.ts";
import { createWorld, LABELS, type World } from "../../../lab/world/world.ts";

const DAY_MS = 24 * 3_600_000;
const { IMAGE_ARN } = functionEnvironment;

/** Runs the prune function in the world; as long as a version is deleted, no MicroVM can be launched. */
function prune(world: World, pinned: string) {
  const { time, microvms } = world;
  const versions = Array.from({ length: 7 }, (_, index): ImageVersion => {
    const createdAt = new Date(time.now().getTime() - (7 - index) * DAY_MS);
    return { version: `${index + 1}.0`, state: "SUCCESSFUL", status: "ACTIVE", createdAt };
  });
  const images = createMemoryImageVersions({
    clock: time,
    imageArn: IMAGE_ARN,
    versions,
    // Without a version the service launches the latest.
    microvms: microvms.all().map(({ state, input }) => ({ state, imageVersion: input.imageVersion ?? "7.0" })),
    deletionSeconds: 40,
    onDelete(version, seconds) {
      microvms.setImage("updating");
      microvms.deleteVersion(version);
      time.after(seconds, () => microvms.setImage("active"));
    },
  });
  const environment = { IMAGE_VERSIONS_KEPT: 2 };
  const image = { arn: IMAGE_ARN, pinned: pinned === "" ? [] : [pinned] };
  const deps = {
    environment,
    image,
    images,
    clock: time,
    sleep: (ms: number) => time.sleep(ms),
    log: createLogger(() => {}),
  };
  return pruneVersions(deps, new Date(time.now().getTime() + 870_000));
}

const queueAt = (world: World, seconds: number, id: number) =>
  world.time.after(seconds, () => world.github.queueJob({ id, repository: "acme/shop", labels: LABELS }));
const deferred = (world: World) => world.log.filter((line) => /"message\.waiting".*"reason":"image"/.test(line)).length;

it("loses no job whose launch meets a version that is being deleted", async () => {
  const world = createWorld({ seed: 1, repositories: ["acme/shop"] });
  const inspector = inspect(world);
  for (let id = 1; id <= 60; id++) queueAt(world, id * 5, id);
  let deleted: string[] = [];
  world.time.after(20, () => void prune(world, "").then((run) => ({ deleted } = run)));

  await world.time.run(30);

  expect(deleted).toEqual(["1.0", "2.0", "3.0", "4.0", "5.0"]);
  expect(deferred(world)).toBeGreaterThan(0);
  expect(inspector.violations()).toEqual([]);
  expect(world.microvms.all()).toHaveLength(60);
});

it.each([
  ["waits", undefined],
  ["waits after its worker died", "crash-before"],
] as const)("loses no job that %s with the input for a version that is pinned no more and gone", async (_, fault) => {
  let pinned = "1.0";
  let runs = 0;
  const world = createWorld({
    seed: 1,
    repositories: ["acme/shop"],
    faults: ({ name }) => (name === "microvms.run" && ++runs === 1 ? fault : undefined),
    alter: (deps) => ({ ...deps, environment: { ...deps.environment, IMAGE_VERSION: pinned } }),
  });
  const inspector = inspect(world);
  world.microvms.setImage("updating");
  queueAt(world, 0, 11);
  world.time.after(60, () => {
    pinned = "7.0";
    world.microvms.setImage("active");
    void prune(world, pinned);
  });

  await world.time.run(30);

  expect(inspector.violations()).toEqual([]);
  expect(world.microvms.all().map(({ imageVersion }) => imageVersion)).toEqual(["7.0"]);
});
