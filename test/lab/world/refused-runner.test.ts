import { describe, expect, it } from "vitest";
import { decodeRunPayload } from "../../../contract/run-payload.ts";
import { NO_HOLD } from "../../../dispatcher/core/runner-hold.ts";
import { noteReleases } from "../../../dispatcher/core/runner-releases.ts";
import { checksumOf } from "../../../lab/world/services/refresh-bench.ts";
import { createWorld, LABELS } from "../../../lab/world/world.ts";
import type { WorldOptions } from "../../../lab/world/world-options.ts";

const RUNNER = "2.337.0";
const MINUTE = 60;

/** Runners of version 1.0 are refused, and 2.0 is built after so many minutes. */
function refusing(builtAfterMinutes: number | undefined, options: Partial<WorldOptions> = {}) {
  const world = createWorld({
    seed: 3,
    repositories: ["acme/shop"],
    fateOfMicrovm: ({ imageVersion }) => ({
      ...{ bootSeconds: 20, jobSeconds: 60 },
      ...(imageVersion === "1.0" ? { refused: RUNNER } : {}),
    }),
    ...options,
  });
  if (builtAfterMinutes !== undefined)
    world.time.after(builtAfterMinutes * MINUTE, () => world.microvms.setLatest("2.0"));
  return world;
}

function queue(world: ReturnType<typeof createWorld>, count: number, everySeconds = 5): void {
  for (let id = 1; id <= count; id++) {
    world.time.after(id * everySeconds, () => world.github.queueJob({ id, repository: "acme/shop", labels: LABELS }));
  }
}

const eventsOf = (world: ReturnType<typeof createWorld>, event: string) =>
  world.log.filter((line) => line.includes(`"event":"${event}"`));

describe("a runner that GitHub refuses", () => {
  it("costs a MicroVM or two and one in ten minutes, and every job runs once there is another image", async () => {
    const world = refusing(95);
    queue(world, 12, 120);
    await world.time.run(12);
    expect(world.github.jobs().map(({ conclusion }) => conclusion)).toEqual(Array(12).fill("success"));
    const wasted = world.microvms.all().filter(({ imageVersion }) => imageVersion === "1.0");
    expect(wasted.length).toBeLessThanOrEqual(2 + 10);
    expect(world.microvms.all().length - wasted.length).toBe(12);
    expect(eventsOf(world, "runner.refused").length).toBeGreaterThan(0);
    expect(eventsOf(world, "job.exhausted")).toEqual([]);
    expect(world.hold.now()).toEqual(NO_HOLD);
  });

  it("leaves the one that tries its place where few may run at once", async () => {
    const world = refusing(95, { maxConcurrency: 1 });
    queue(world, 6, 120);
    await world.time.run(12);
    expect(world.github.jobs().map(({ conclusion }) => conclusion)).toEqual(Array(6).fill("success"));
    const wasted = world.microvms.all().filter(({ imageVersion }) => imageVersion === "1.0");
    // Two are refused before launches are held; the third tries ten minutes later.
    expect(wasted.length).toBeGreaterThan(2);
    expect(wasted.length).toBeLessThanOrEqual(2 + 10);
    expect(world.hold.now()).toEqual(NO_HOLD);
  });

  it("costs one MicroVM where GitHub's date is past, and a build that ends lets all go at once", async () => {
    const world = refusing(8);
    const newest = { version: "2.338.0", sha256: checksumOf("2.338.0") };
    await world.releases.update((known) =>
      noteReleases(
        known,
        { newest, enforced: true, refusedFromMs: { [RUNNER]: 0, "2.338.0": null } },
        world.time.now(),
      ),
    );
    // As the refresh function does when its build has ended.
    world.time.after(8 * MINUTE, () => void world.hold.update(() => NO_HOLD));
    queue(world, 1);
    for (let id = 2; id <= 9; id++) {
      world.time.after(3 * MINUTE, () => world.github.queueJob({ id, repository: "acme/shop", labels: LABELS }));
    }
    await world.time.run(6);
    expect(world.github.jobs().every(({ conclusion }) => conclusion === "success")).toBe(true);
    expect(world.microvms.all().filter(({ imageVersion }) => imageVersion === "1.0")).toHaveLength(1);
    expect(world.microvms.all()).toHaveLength(10);
  });

  it("is replaced all the same where RunMicrovm does not say which version it launched: GetMicrovm does", async () => {
    const asked: string[] = [];
    const world = refusing(15, {
      alter: (deps) => ({
        ...deps,
        microvms: {
          async run(input) {
            const { imageVersion: _, ...microvm } = await deps.microvms.run(input);
            return microvm;
          },
          get(microvmId) {
            asked.push(microvmId);
            return deps.microvms.get(microvmId);
          },
          terminate: (microvmId) => deps.microvms.terminate(microvmId),
        },
      }),
    });
    queue(world, 5, 60);
    await world.time.run(3);
    expect(world.github.jobs().every(({ conclusion }) => conclusion === "success")).toBe(true);
    expect(world.hold.now()).toEqual(NO_HOLD);
    expect(asked).toEqual(expect.arrayContaining(world.microvms.all().map(({ microvmId }) => microvmId)));
    expect(eventsOf(world, "runner.refused")[0]).toContain('"imageVersion":"1.0"');
    expect(eventsOf(world, "runner.accepted")).toHaveLength(1);
  });

  it("that is refused no longer is found out by the next that tries", async () => {
    let refused = true;
    const world = refusing(undefined, {
      fateOfMicrovm: () => ({ bootSeconds: 20, jobSeconds: 60, ...(refused ? { refused: RUNNER } : {}) }),
    });
    world.time.after(45 * MINUTE, () => {
      refused = false;
    });
    queue(world, 6, 60);
    await world.time.run(6);
    expect(world.github.jobs().every(({ conclusion }) => conclusion === "success")).toBe(true);
    expect(world.hold.now()).toEqual(NO_HOLD);
    expect(eventsOf(world, "runner.accepted")).toHaveLength(1);
  });

  it("is told by name, once for each MicroVM that it cost after the first", async () => {
    const world = refusing(30);
    queue(world, 3);
    await world.time.run(3);
    expect(eventsOf(world, "runner.refused")[0]).toContain('"imageVersion":"1.0"');
    expect(eventsOf(world, "runner.refused")[0]).toContain('"level":"error"');
  });
});

describe("a job that says that its runner was refused", () => {
  // Whatever a job can send, at any time of its life: while it runs, when it ends, and after that.
  it.each([10, 55, 75, 200])("changes nothing, %i s after it was given to it", async (seconds) => {
    const world = createWorld({ seed: 5, repositories: ["acme/shop"] });
    world.github.onEvent(({ action, job }) => {
      if (action !== "in_progress") return;
      world.time.after(seconds, () => {
        const instance = world.microvms.all().find(({ input }) => input.clientToken === job.runnerName);
        if (instance === undefined) return;
        const { launchId, finish } = decodeRunPayload(instance.input.runHookPayload);
        const proof = { launchId, expiresAt: finish.expiresAt, mac: finish.mac };
        void world.finish({ ...proof, problem: "runner-refused", runner: RUNNER });
      });
    });
    queue(world, 6);
    await world.time.run(3);
    expect(world.github.jobs().every(({ conclusion }) => conclusion === "success")).toBe(true);
    expect(world.microvms.all()).toHaveLength(6);
    expect(world.hold.now()).toEqual(NO_HOLD);
    expect(eventsOf(world, "runner.refused")).toEqual([]);
    expect(eventsOf(world, "runner.refused_once")).toEqual([]);
  });

  it("changes nothing either when GitHub's word that it has ended is lost", async () => {
    const world = createWorld({
      seed: 5,
      repositories: ["acme/shop"],
      fateOfDelivery: ({ action }) => (action === "queued" ? { kind: "arrives", afterSeconds: 1 } : { kind: "lost" }),
      redelivers: () => false,
      fateOfMicrovm: () => ({ bootSeconds: 20, jobSeconds: 60, lies: RUNNER }),
    });
    queue(world, 4);
    await world.time.run(3);
    expect(world.github.jobs().every(({ conclusion }) => conclusion === "success")).toBe(true);
    expect(world.hold.now()).toEqual(NO_HOLD);
  });
});

describe("each protection against a refused runner", () => {
  it("is missed: without the hold every job wastes MicroVMs", async () => {
    const without = refusing(95, {
      alter: (deps) => ({ ...deps, hold: { read: async () => NO_HOLD, update: async () => NO_HOLD } }),
    });
    queue(without, 12, 120);
    await without.time.run(12);
    expect(without.microvms.all().filter(({ imageVersion }) => imageVersion === "1.0").length).toBeGreaterThan(24);
  });

  it("is missed: without a look at the registration, a job could hold everybody's launches", async () => {
    const world = createWorld({
      seed: 5,
      repositories: ["acme/shop"],
      fateOfDelivery: ({ action }) => (action === "queued" ? { kind: "arrives", afterSeconds: 1 } : { kind: "lost" }),
      redelivers: () => false,
      fateOfMicrovm: () => ({ bootSeconds: 20, jobSeconds: 60, lies: RUNNER }),
      alter(deps) {
        const github = async () => {
          const real = await deps.github();
          const findRunner: typeof real.findRunner = async (_, name) => ({
            id: 1,
            name,
            status: "offline",
            busy: false,
          });
          return { ...real, findRunner };
        };
        return { ...deps, github };
      },
    });
    queue(world, 4, 200);
    await world.time.run(3);
    expect(eventsOf(world, "runner.refused").length + eventsOf(world, "runner.refused_once").length).toBeGreaterThan(0);
  });
});
