/** Random classes of runners side by side: every job has to run as its class says, and on nothing else. */
import { launchScopeOf, type RunnerClass } from "../../dispatcher/core/runner-classes.ts";
import { documentOf, type PlayedClass, type PlayedJob, randomClasses, randomJob } from "./class-sets.ts";
import { inspect } from "./invariants.ts";
import { createRandom } from "./random.ts";
import type { GitHubRunner } from "./services/github-assignment.ts";
import type { MicrovmInstance } from "./services/memory-microvms.ts";
import { createWorld, type World } from "./world.ts";

const FIRST_JOB = 10_000;
/** The jobs come within so many seconds. */
const SPREAD_SECONDS = 1_800;
/** Longer than GitHub keeps a job queued, so that those that no class serves leave it. */
const HOURS = 30;

export interface PlayedSet {
  classes: PlayedClass[];
  /** What was not as it has to be. */
  broken: string[];
  /** Jobs that ran. */
  ran: number;
  deaths: number;
  /** Jobs that ran on a runner that was made for another. */
  swaps: number;
  world: World;
}

/** Plays one random set of classes with so many jobs; `isRuled`: the rule of overlap holds among them. */
export async function playClasses(seed: number, jobs: number, { isRuled = true } = {}): Promise<PlayedSet> {
  const random = createRandom(seed);
  const classes = randomClasses(random, isRuled);
  const deathRate = random() * 0.03;
  const inGroup = random() < 0.3;
  let deaths = 0;
  const world = createWorld({
    seed,
    repositories: ["acme/shop", "acme/site", "acme/tools"],
    classes: documentOf(classes),
    addsLabels: random() < 0.5,
    organizationRunners: inGroup,
    ...(random() < 0.5 ? { maxConcurrency: 40 } : {}),
    rate: { perSecond: 5, burst: 20 },
    fateOfMicrovm: (_, chance) => {
      const dies = chance() < deathRate;
      if (dies) deaths++;
      const life = { bootSeconds: 10 + chance() * 50, jobSeconds: 20 + chance() * 100 };
      return dies ? { ...life, diesAfterSeconds: chance() * life.bootSeconds } : life;
    },
  });
  const planned = Array.from({ length: jobs }, (_, index) =>
    randomJob(random, classes, { id: FIRST_JOB + index, inGroup }),
  );
  const unserved = new Set(planned.filter(({ className }) => className === undefined).map(({ id }) => id));
  const inspector = inspect(world, { isUnservable: ({ id }) => unserved.has(id) });
  const judge = watchClasses(world, planned);
  for (const { className: _, ...job } of planned) {
    world.time.after(random() * SPREAD_SECONDS, () => world.github.queueJob(job));
  }
  await world.time.run(HOURS);
  const broken = [...inspector.violations(), ...judge.broken(), ...(await placesLeft(world, classes))];
  return { classes, broken, deaths, world, ran: judge.ran(), swaps: judge.swaps() };
}

/** Watches how jobs run. */
function watchClasses(world: World, planned: readonly PlayedJob[]) {
  const { github, microvms, environment } = world;
  const document = JSON.parse(environment.CLASSES_PARAM === "" ? "{}" : world.classes.read(environment.CLASSES_PARAM));
  const classOf = new Map(launchScopeOf(environment, document).classes.map((each) => [each.name, each]));
  const jobOf = new Map(planned.map((job) => [job.id, job]));
  const launched = new Map<string, MicrovmInstance>();
  const found: string[] = [];
  let ran = 0;
  let swaps = 0;
  microvms.onLaunch((instance) => {
    launched.set(instance.input.clientToken, instance);
  });
  github.onEvent(({ action, job: { id, runnerName } }) => {
    if (action !== "in_progress") return;
    ran++;
    if (!runnerName?.includes(`-${id}-`)) swaps++;
    const wanted = classOf.get(jobOf.get(id)?.className ?? "");
    const runner = github.runners().find(({ name }) => name === runnerName);
    const instance = launched.get(runnerName ?? "");
    const wrong = whatIsWrong(wanted, runner, instance);
    if (wrong !== undefined) found.push(`job ${id} of ${wanted?.name ?? "no class"} ran on ${runnerName}: ${wrong}`);
  });
  return { broken: () => found, ran: () => ran, swaps: () => swaps };
}

function whatIsWrong(
  wanted: RunnerClass | undefined,
  runner: GitHubRunner | undefined,
  instance: MicrovmInstance | undefined,
): string | undefined {
  if (wanted === undefined) return "no class serves it";
  if (runner === undefined || instance === undefined) return "nobody knows that runner";
  const { imageArn, imageVersion = "", egressConnectorArn, logGroup, maxDurationSeconds } = instance.input;
  const is = { groupId: runner.groupId, imageArn, imageVersion, egressConnectorArn, logGroup, maxDurationSeconds };
  const names = Object.keys(is) as (keyof typeof is)[];
  return names.find((name) => is[name] !== wanted[name]);
}

async function placesLeft({ capacity, placesOfClass }: World, classes: readonly PlayedClass[]): Promise<string[]> {
  const held = [...(await capacity.holders())];
  for (const { name } of classes) held.push(...(await placesOfClass(name).capacity.holders()));
  return held.map(({ launchId }) => `launch ${launchId} has its place in the end`);
}
