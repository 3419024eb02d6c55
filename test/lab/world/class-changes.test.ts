import { describe, expect, it } from "vitest";
import type { RunnerClassesDocument } from "../../../contract/runner-classes.ts";
import { RefusedError } from "../../../dispatcher/errors.ts";
import { inspect } from "../../../lab/world/invariants.ts";
import { createWorld, LABELS, type World, type WorldOptions } from "../../../lab/world/world.ts";

const SHOP = "acme/shop";
const classOf = (label: string, own: Partial<RunnerClassesDocument[string]> = {}) => ({
  required: ["self-hosted", label],
  runner: ["self-hosted", "linux", "arm64", label],
  ...own,
});
const LARGE = classOf("large", { image: "gha-runner-large" });
const BOTH: RunnerClassesDocument = { large: LARGE, net: classOf("net", { group: 7 }) };

function begin(options: Partial<WorldOptions> = {}) {
  const world = createWorld({ seed: 5, repositories: [SHOP], rate: { perSecond: 5, burst: 5 }, ...options });
  return {
    world,
    queue: (id: number, labels: readonly string[]) => world.github.queueJob({ id, repository: SHOP, labels }),
  };
}

/** Gives the dispatcher other classes, and before it the webhook function. */
function apply(world: World, document: RunnerClassesDocument): { finish(): void } {
  const param = world.classes.put(document);
  world.classes.webhook = { CLASSES_PARAM: param };
  return {
    finish() {
      world.environment.CLASSES_PARAM = param;
      world.classes.webhook = {};
    },
  };
}

const imageOf = (world: World, jobId: number) =>
  world.microvms.all().find(({ input }) => input.clientToken.includes(`-${jobId}-`))?.input.imageArn;
const refusals = (world: World) =>
  world.log.filter((line) => line.includes('"job.refused"')).map((line) => Number(/"jobId":(\d+)/.exec(line)?.[1]));

describe("the webhook function is a version ahead of the dispatcher", () => {
  it("jobs of new classes wait for the dispatcher, and the others for nothing", async () => {
    const { world, queue } = begin();
    const inspector = inspect(world);
    const change = apply(world, BOTH);
    world.time.after(1, () => queue(11, ["self-hosted", "large"]));
    world.time.after(1, () => queue(12, LABELS));
    world.time.after(60, change.finish);
    await world.time.run(2);
    expect(inspector.violations()).toEqual([]);
    expect(imageOf(world, 11)).toMatch(/:gha-runner-large$/);
    expect(imageOf(world, 12)).toMatch(/:gha-runner$/);
    expect(refusals(world)).toEqual([]);
  });

  it("and stays so: what only the other version serves is refused by name after ten minutes", async () => {
    const { world, queue } = begin();
    apply(world, BOTH);
    queue(11, ["self-hosted", "large"]);
    await world.time.run(1);
    expect(refusals(world)).toEqual([11]);
    expect(world.microvms.all()).toEqual([]);
    expect(world.queue.bodies()).toEqual([]);
    expect(world.queue.deadLetters()).toEqual([]);
  });
});

it("while the parameter cannot be read no job is lost, and none runs on another class", async () => {
  let seconds = 0;
  const { world, queue } = begin({
    classes: BOTH,
    faults: ({ name }) => (name === "ssm.get" && seconds < 900 ? new RefusedError("not allowed") : undefined),
  });
  const startMs = world.time.now().getTime();
  for (let at = 0; at <= 900; at += 10) {
    world.time.after(at, () => {
      seconds = (world.time.now().getTime() - startMs) / 1_000;
    });
  }
  const inspector = inspect(world, { fromLastFault: true });
  queue(11, ["self-hosted", "large"]);
  queue(12, LABELS);
  await world.time.run(5);
  expect(inspector.violations()).toEqual([]);
  expect(imageOf(world, 11)).toMatch(/:gha-runner-large$/);
});

describe("classes change under jobs in every state", () => {
  const JOBS = 120;
  const FIRST = 100;
  /** Seconds from the first job, of which there is one a second. */
  const CHANGED_AT = 60;
  const CHANGES: [string, RunnerClassesDocument, "all run" | "some are refused" | "new ones are refused"][] = [
    ["removed", { net: BOTH.net ?? LARGE }, "some are refused"],
    ["relabelled", { ...BOTH, large: { ...LARGE, ...classOf("huge") } }, "new ones are refused"],
    ["in another group", { ...BOTH, large: { ...LARGE, group: 9 }, net: classOf("net") }, "all run"],
    ["with another image", { ...BOTH, large: { ...LARGE, image: "gha-runner-large-2" } }, "all run"],
  ];

  it.each(CHANGES)(
    "%s: each job runs or is refused by name, and no MicroVM outlives them",
    async (_, after, outcome) => {
      const { world, queue } = begin({
        classes: BOTH,
        maxConcurrency: 30,
        fateOfMicrovm: (__, random) => ({
          ...{ bootSeconds: 10 + random() * 30, jobSeconds: 30 + random() * 120 },
          ...(random() < 0.02 ? { diesAfterSeconds: 5 } : {}),
        }),
      });
      const large = new Set<number>();
      const refused = () => new Set(refusals(world));
      const isUnservable = ({ id }: { id: number }) =>
        outcome !== "all run" && large.has(id) && (id >= FIRST + CHANGED_AT - 1 || refused().has(id));
      const inspector = inspect(world, { isUnservable });
      for (let index = 0; index < JOBS; index++) {
        const id = FIRST + index;
        const label = ["large", "net", "microvm"][index % 3] ?? "";
        if (label === "large") large.add(id);
        world.time.after(index, () => queue(id, ["self-hosted", label]));
      }
      world.time.after(CHANGED_AT, () => {
        const { finish } = apply(world, after);
        world.time.after(15, finish);
      });
      await world.time.run(30);
      expect(inspector.violations()).toEqual([]);
      expect([...refused()].filter((id) => !large.has(id))).toEqual([]);
      if (outcome === "all run") expect(refused().size).toBe(0);
      if (outcome === "some are refused") expect(refused().size).toBeGreaterThan(0);
      // A job that is refused stays queued for a day: it is looked at now and then.
      expect(refusals(world).length).toBeLessThanOrEqual(100 * refused().size);
    },
  );
});

it("the images of two classes are held apart: a refused runner of one keeps no launch of another", async () => {
  const { world, queue } = begin({
    classes: BOTH,
    fateOfMicrovm: ({ input }) => ({
      ...{ bootSeconds: 10, jobSeconds: 60 },
      ...(input.imageArn.endsWith("large") ? { refused: "2.300.0" } : {}),
    }),
  });
  for (let index = 0; index < 40; index++) {
    world.time.after(index * 60, () => queue(100 + index, ["self-hosted", index % 2 === 0 ? "large" : "microvm"]));
  }
  await world.time.run(1.5);
  const jobs = world.github.jobs();
  expect(jobs.filter(({ labels, conclusion }) => labels.includes("microvm") && conclusion !== "success")).toEqual([]);
  expect(jobs.filter(({ labels, status }) => labels.includes("large") && status !== "queued")).toEqual([]);
  // Two that were refused, and one in ten minutes that tries.
  const launched = world.microvms.all().filter(({ input }) => input.imageArn.endsWith("large"));
  expect(launched.length).toBeLessThanOrEqual(12);
});
