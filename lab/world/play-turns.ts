/** One release over a deployment with an image for each of its classes, of which one never gets a job. */
import type { RunnerClassesDocument } from "../../contract/runner-classes.ts";
import { type DeployedImage, imagesOf } from "../../dispatcher/core/runner-classes.ts";
import { checkRunner } from "../../dispatcher/flows/check-runner.ts";
import { type RefreshImagesDeps, refreshImages } from "../../dispatcher/flows/refresh-images.ts";
import { ofAllImages } from "../../dispatcher/handlers/of-all-images.ts";
import { inspect } from "./invariants.ts";
import { createRandom } from "./random.ts";
import { createMemoryCodeBucket, type MemoryCodeBucket } from "./services/memory-code-bucket.ts";
import { createMemoryRunnerApi } from "./services/memory-runner-api.ts";
import { createRefreshBench } from "./services/refresh-bench.ts";
import { createWorld, LABELS, type World } from "./world.ts";

const HOUR = 3_600;
const DAY = 24 * HOUR;
const TICK_SECONDS = 300;
const DAYS = 6;
/** A release is taken when it was seen for so long. */
const SOAK_DAYS = 1;
const JOB_EVERY_SECONDS = 2 * HOUR;
const OLD = "2.337.0";
const NEW = "2.338.0";

const large = ["self-hosted", "microvm-large"];
const spare = ["self-hosted", "microvm-spare"];
const CLASSES: RunnerClassesDocument = {
  large: { required: large, runner: large, image: "gha-runner-large", built: true },
  spare: { required: spare, runner: spare, image: "gha-runner-spare", built: true },
};

export interface TurnsOptions {
  seed: number;
  /** Days from the new release until GitHub refuses the old one. */
  graceDays: number;
  /** Images whose every build fails. */
  failing?: readonly string[];
  /** What a test takes away to see that something misses it. */
  alter?(deps: RefreshImagesDeps): RefreshImagesDeps;
}

/** The first build of an image with the new release. */
export interface Turn {
  /** `default`, or the name of its class. */
  of: string;
  startedMs: number;
  /** When a runner of the version that it built was first given a job. */
  servedMs: number | undefined;
}

export interface PlayedTurns {
  /** In the order in which they began. */
  turns: Turn[];
  /** What launches of each get in the end. */
  runners: Record<string, string | undefined>;
  jobs: number;
  succeeded: number;
  violations: string[];
}

/**
 * Plays six days: the release comes out on the second, jobs of `default` and `large` every two hours, none of `spare`.
 */
export async function playTurns(options: TurnsOptions): Promise<PlayedTurns> {
  const random = createRandom(options.seed);
  const world = createWorld({ seed: options.seed, repositories: ["acme/shop"], classes: CLASSES });
  const { time, environment, microvms, github } = world;
  const images = imagesOf(environment, CLASSES);
  const bucket = createMemoryCodeBucket();
  const benches = images.map((image) => openBench(world, image, bucket, options));
  const benchOf = ({ name }: Pick<DeployedImage, "name">): Bench => {
    const bench = benches[images.findIndex((each) => each.name === name)];
    if (bench === undefined) throw new Error(`there is no image ${name}`);
    return bench;
  };
  const publishedMs = time.now().getTime() + DAY * 1_000;
  const calendar = [
    {
      version: OLD,
      publishedMs: time.now().getTime() - DAY * 1_000,
      refusedMs: publishedMs + options.graceDays * DAY * 1_000,
    },
    { version: NEW, publishedMs, refusedMs: null },
  ];
  const asked = ofAllImages(
    async () => CLASSES,
    (name) => benchOf({ name }).state,
    (name) => holdOf(world, name),
  );
  const deps: RefreshImagesDeps = {
    ...benchOf({ name: undefined }).deps,
    ...{ releases: world.releases, deployment: world.deployment, random },
    of: (image) => ({ image: benchOf(image).image, state: benchOf(image).state, hold: holdOf(world, image.name) }),
  };
  const tick = async () => {
    const github = createMemoryRunnerApi(time, () => calendar);
    await checkRunner({ ...asked, github, releases: world.releases, enforced: true, clock: time, log: deps.log });
    const deadline = new Date(time.now().getTime() + 40_000);
    await refreshImages(options.alter?.(deps) ?? deps, images, { rebuild: false, deadline });
    for (const image of images) microvms.setLatest(benchOf(image).image.launched()?.version ?? "1.0", image.arn);
  };
  for (let seconds = HOUR; seconds < DAYS * DAY; seconds += TICK_SECONDS) time.after(seconds, () => void tick());
  const served = watchServed(world);
  const inspector = inspect(world);
  queueJobs(world, random);
  await time.run((DAYS + 1) * 24);
  const all = github.jobs();
  return {
    turns: images
      .flatMap((image) => turnOf(image, benchOf(image), served))
      .toSorted((a, b) => a.startedMs - b.startedMs),
    runners: Object.fromEntries(images.map((image) => [nameOf(image), benchOf(image).image.launched()?.runner])),
    jobs: all.length,
    succeeded: all.filter(({ conclusion }) => conclusion === "success").length,
    violations: inspector.violations(),
  };
}

type Bench = ReturnType<typeof createRefreshBench>;

const nameOf = ({ name }: Pick<DeployedImage, "name">) => name?.replace("gha-runner-", "") ?? "default";
const holdOf = (world: World, name: string | undefined) => (name === undefined ? world.hold : world.holdOfImage(name));

function openBench({ time }: World, image: DeployedImage, bucket: MemoryCodeBucket, { failing = [] }: TurnsOptions) {
  const bench = createRefreshBench({
    ...{ clock: time, bucket, environment: { SOAK_DAYS } },
    fails: ({ version }) => (version !== "1.0" && failing.includes(nameOf(image)) ? "exit code 1" : undefined),
    quiet: true,
  });
  bench.apply(OLD);
  return bench;
}

/** By image and version, the moment at which a runner of it was first given a job. */
function watchServed({ github, microvms, time }: World): Map<string, number> {
  const served = new Map<string, number>();
  github.onEvent(({ action, job: { runnerName } }) => {
    if (action !== "in_progress") return;
    const instance = microvms.all().find(({ input }) => input.clientToken === runnerName);
    const key = `${instance?.input.imageArn} ${instance?.imageVersion}`;
    if (!served.has(key)) served.set(key, time.now().getTime());
  });
  return served;
}

function turnOf(image: DeployedImage, bench: Bench, served: ReadonlyMap<string, number>): Turn[] {
  const build = bench.image.builds().find(({ runner }) => runner === NEW);
  if (build === undefined) return [];
  const { version, startedMs } = build;
  return [{ of: nameOf(image), startedMs, servedMs: served.get(`${image.arn} ${version}`) }];
}

function queueJobs({ time, github }: World, random: () => number): void {
  for (let id = 1; id * JOB_EVERY_SECONDS < DAYS * DAY; id++) {
    const labels = random() < 0.5 ? LABELS : large;
    const seconds = id * JOB_EVERY_SECONDS + random() * HOUR;
    time.after(seconds, () => github.queueJob({ id, repository: "acme/shop", labels }));
  }
}
