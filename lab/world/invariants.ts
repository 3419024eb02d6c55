import { decodeRunPayload } from "../../contract/run-payload.ts";
import { isForksPullRequest } from "../../dispatcher/core/fork.ts";
import { parseLaunchId } from "../../dispatcher/core/runner-name.ts";
import { countWatches } from "./count-watches.ts";
import type { GitHubJob, JobEvent } from "./services/memory-github.ts";
import type { MicrovmInstance } from "./services/memory-microvms.ts";
import type { World } from "./world.ts";

/** A MicroVM may outlive what it was for by so much. */
const OUTLIVE_SECONDS = 300;

/** Watches a world as it goes and says in the end what of its promises it broke. */
export interface Inspector {
  violations(): string[];
}

export interface InspectOptions {
  /**
   * The time that a MicroVM may outlive its use counts from the last call that went wrong: while GitHub cannot be asked
   * nobody can tell whether a runner is busy. A refusal is an answer, and excuses a MicroVM only until its own finish
   * call was taken and RunMicrovm has told its id: where that was not recorded, a refused RunMicrovm is the only one
   * who could.
   */
  fromLastFault?: boolean;
  /** Jobs that nobody can serve, such as those of a repository that the App does not reach any more. */
  isUnservable?(job: GitHubJob): boolean;
}

/** Begins to watch; call it before anything happens. */
export function inspect(
  world: World,
  { fromLastFault = false, isUnservable = () => false }: InspectOptions = {},
): Inspector {
  const { time, github, microvms, options } = world;
  const found: string[] = [];
  const leftQueue = new Map<number, Date>();
  const endedJobs = new Map<number, Date>();
  const endedMicrovms = new Map<string, Date>();

  const overClass = watchClassBounds(world, found);
  const knownAlive = () => known(microvms.all()).filter(({ microvmId }) => microvms.isAlive(microvmId)).length;
  github.onEvent(({ action, job }: JobEvent) => {
    if (action === "queued") leftQueue.delete(job.id);
    else if (!leftQueue.has(job.id)) leftQueue.set(job.id, time.now());
    if (action === "completed") endedJobs.set(job.id, time.now());
  });
  microvms.onLaunch((instance) => {
    microvms.onEnd(instance.microvmId, () => endedMicrovms.set(instance.microvmId, time.now()));
    overClass(instance);
    const limit = options.maxConcurrency ?? 0;
    if (limit > 0 && microvms.alive().length > limit && knownAlive() > limit)
      found.push(`more than ${limit} MicroVMs at once`);
  });
  world.onTerminate((microvmId) => {
    if (!microvms.isAlive(microvmId)) return;
    const alive = microvms.alive();
    const name = alive.find((instance) => instance.microvmId === microvmId)?.input.clientToken;
    // Of two with one configuration, because a client token was forgotten, the later never had the runner.
    if (alive.some((other) => other.microvmId !== microvmId && other.input.clientToken === name)) return;
    const runner = github.runners().find((candidate) => candidate.name === name);
    if (runner?.online && runner.jobId !== null) found.push(`${microvmId} was terminated while its runner was busy`);
  });

  const manyWatches = countWatches(world);

  // Jobs are served by runners of their repository, or of its organization.
  const lastRefusalAt = (job: GitHubJob | undefined): number => {
    const times = [...world.gate.lastRefusalAt].filter(
      ([repository]) => repository === "" || options.organizationRunners || repository === job?.repository,
    );
    return Math.max(0, ...times.map(([, at]) => at.getTime()));
  };

  // When a MicroVM was of no use any more: its job ended, or the job that it was made for was served without it.
  function neededUntil(instance: MicrovmInstance): number {
    const token = instance.input.clientToken;
    const launchId = token.slice(token.indexOf("-") + 1);
    const ran = github.jobs().find((job) => job.runnerName === token);
    const madeFor = parseLaunchId(launchId)?.jobId ?? 0;
    const until = ran ? endedJobs.get(ran.id) : leftQueue.get(madeFor);
    const fault = fromLastFault ? world.gate.lastFaultAt.getTime() : 0;
    const toldAt = world.finished.get(launchId)?.getTime() ?? Number.POSITIVE_INFINITY;
    const endableAt = Math.max(toldAt, instance.answeredAt.getTime());
    const refusal = fromLastFault ? Math.min(endableAt, lastRefusalAt(ran ?? github.job(madeFor))) : 0;
    return Math.max((until ?? time.now()).getTime(), instance.startedAt.getTime(), fault, refusal);
  }

  function unserved(): string[] {
    const broken: string[] = [];
    for (const job of github.jobs()) {
      if (isUnservable(job) || (job.isPublic && isForksPullRequest(job.origin, job.repository))) continue;
      if (job.status !== "completed") broken.push(`job ${job.id} is ${job.status} in the end`);
      if (world.outlasted.has(job.id)) broken.push(`job ${job.id} got no runner in 24 hours`);
    }
    return broken;
  }

  function outlived(): string[] {
    const broken: string[] = [];
    for (const instance of known(microvms.all())) {
      const end = endedMicrovms.get(instance.microvmId) ?? instance.terminatedAt ?? time.now();
      const seconds = (end.getTime() - neededUntil(instance)) / 1_000;
      if (seconds > OUTLIVE_SECONDS) {
        broken.push(`${instance.microvmId} (${instance.input.clientToken}) outlived its use by ${seconds} s`);
      }
      if (microvms.isAlive(instance.microvmId)) broken.push(`${instance.microvmId} is alive in the end`);
    }
    return broken;
  }

  return {
    violations: () => [
      ...found,
      ...unserved(),
      ...outlived(),
      ...[...manyWatches].map(([jobId, count]) => `job ${jobId} was looked after by ${count} messages at once`),
      ...github.runners().map(({ name }) => `runner ${name} is registered in the end`),
      ...github
        .abandoned()
        .filter(() => world.gate.lastRefusalAt.size === 0)
        .map((name) => `runner ${name} was left for GitHub to remove`),
      ...world.queue.bodies().map((body) => `the queue holds ${body}`),
      ...world.queue.deadLetters().map((body) => `a dead letter: ${body}`),
    ],
  };
}

// How many MicroVMs of one class there may be, by the classes at the start.
function watchClassBounds({ microvms, options: { classes = {} } }: World, found: string[]) {
  const classNames = new Map<string, string>();
  return ({ microvmId, input }: MicrovmInstance): void => {
    const { runnerClass } = decodeRunPayload(input.runHookPayload);
    const limit = classes[runnerClass ?? ""]?.max ?? 0;
    if (runnerClass === undefined || limit === 0) return;
    classNames.set(microvmId, runnerClass);
    const alive = known(microvms.alive()).filter((other) => classNames.get(other.microvmId) === runnerClass);
    if (alive.length > limit) found.push(`more than ${limit} MicroVMs of ${runnerClass} at once`);
  };
}

// Those whose client token was forgotten before anybody learned their id are left out: only their maximum duration ends
// them.
function known(instances: readonly MicrovmInstance[]): MicrovmInstance[] {
  const latest = new Map(instances.map((instance) => [instance.input.clientToken, instance]));
  return [...latest.values()];
}
