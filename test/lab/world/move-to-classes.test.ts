import { expect, it } from "vitest";
import { createWorld, LABELS, type World, type WorldOptions } from "../../../lab/world/world.ts";

const SHOP = "acme/shop";
const HOUR = 3_600;
const OLD = { required: ["self-hosted", "old"], runner: ["self-hosted", "linux", "arm64", "old"] };
/** One job in so many seconds, of either label in turn. */
const EVERY_SECONDS = 20;
const HOURS = 3;
const ADDED_AT = HOUR;
const PAUSED_AT = ADDED_AT + 600;
const DESTROYED_AT = 2 * HOUR;

const options: WorldOptions = {
  ...{ seed: 9, repositories: [SHOP], rate: { perSecond: 5, burst: 5 } },
  fateOfMicrovm: (_, random) => ({ bootSeconds: 10 + random() * 40, jobSeconds: 60 + random() * 1_200 }),
};

/** The deployment that stays, and the one that goes, in one GitHub. */
function open() {
  const staying = createWorld(options);
  let isDestroyed = false;
  const going = createWorld({
    ...options,
    beside: staying,
    environment: {
      ...{ RUNNER_NAME_PREFIX: "old", REQUIRED_LABELS: OLD.required, RUNNER_LABELS: OLD.runner },
      IMAGE_ARN: staying.environment.IMAGE_ARN.replace(/[^:]*$/, "old-runner"),
    },
    urlAnswers: () => (isDestroyed ? 404 : undefined),
    mapping: () => (isDestroyed ? "disabled" : undefined),
    redelivers: () => !isDestroyed,
  });
  const destroy = () => {
    isDestroyed = true;
  };
  return { staying, going, destroy };
}

function addClass({ classes, environment, time }: World): void {
  const param = classes.put({ old: { ...OLD, image: "gha-runner-old" } });
  classes.webhook = { CLASSES_PARAM: param };
  time.after(15, () => {
    environment.CLASSES_PARAM = param;
    classes.webhook = {};
  });
}

it("a deployment of its own becomes a class, and every job runs", async () => {
  const { staying, going, destroy } = open();
  const { time, github } = staying;
  const waits: number[] = [];
  const queuedAt = new Map<number, number>();
  github.onEvent(({ action, job: { id } }) => {
    if (action === "in_progress") waits.push(time.now().getTime() - (queuedAt.get(id) ?? 0));
  });
  const jobs = (HOURS * HOUR) / EVERY_SECONDS;
  for (let index = 0; index < jobs; index++) {
    time.after(index * EVERY_SECONDS, () => {
      queuedAt.set(index + 1, time.now().getTime());
      github.queueJob({ id: index + 1, repository: SHOP, labels: index % 2 === 0 ? OLD.required : LABELS });
    });
  }
  time.after(ADDED_AT, () => addClass(staying));
  let launchedBefore = 0;
  time.after(PAUSED_AT, () => {
    going.environment.PAUSED = true;
    launchedBefore = going.microvms.all().length;
  });
  let aliveWhenDestroyed = -1;
  time.after(DESTROYED_AT, () => {
    aliveWhenDestroyed = going.microvms.alive().length;
    destroy();
  });
  await time.run(HOURS + 4);

  expect(github.jobs()).toHaveLength(jobs);
  expect(github.jobs().filter(({ conclusion }) => conclusion !== "success")).toEqual([]);
  // A MicroVM boots in a minute at most.
  expect(Math.max(...waits)).toBeLessThan(5 * 60_000);
  expect(aliveWhenDestroyed).toBe(0);
  expect(launchedBefore).toBeGreaterThan(100);
  expect(going.microvms.all()).toHaveLength(launchedBefore);
  expect(staying.microvms.alive()).toEqual([]);
  const ofClass = staying.microvms.all().filter(({ input }) => input.imageArn.endsWith(":gha-runner-old"));
  expect(ofClass.length).toBeGreaterThan(100);
});
