import type { JobEvent } from "./services/memory-github.ts";
import type { World } from "./world.ts";

/** A MicroVM may outlive what it was for by so much. */
const OUTLIVE_SECONDS = 300;

/** Watches a world as it goes and says in the end what of its promises it broke. */
export interface Inspector {
  violations(): string[];
}

/**
 * Begins to watch; call it before anything happens. With `fromLastFault` the time that a MicroVM may outlive its use counts
 * from the last call that went wrong: while GitHub cannot be asked nobody can tell whether a runner is busy.
 */
export function inspect(world: World, fromLastFault = false): Inspector {
  const { time, github, microvms, options } = world;
  const found: string[] = [];
  const leftQueue = new Map<number, Date>();
  const endedJobs = new Map<number, Date>();
  const endedMicrovms = new Map<string, Date>();

  github.onEvent(({ action, job }: JobEvent) => {
    if (action === "queued") return;
    if (!leftQueue.has(job.id)) leftQueue.set(job.id, time.now());
    if (action === "completed") endedJobs.set(job.id, time.now());
  });
  microvms.onLaunch((instance) => {
    microvms.onEnd(instance.microvmId, () => endedMicrovms.set(instance.microvmId, time.now()));
    const limit = options.maxConcurrency ?? 0;
    if (limit > 0 && microvms.alive().length > limit) found.push(`more than ${limit} MicroVMs at once`);
  });
  world.onTerminate((microvmId) => {
    if (!microvms.isAlive(microvmId)) return;
    const name = microvms.all().find((instance) => instance.microvmId === microvmId)?.input.clientToken;
    const runner = github.runners().find((candidate) => candidate.name === name);
    if (runner?.online && runner.jobId !== null) found.push(`${microvmId} was terminated while its runner was busy`);
  });

  // When a MicroVM was of no use any more: its job ended, or the job that it was made for was served without it.
  function neededUntil(instance: ReturnType<typeof microvms.all>[number]): Date {
    const ran = github.jobs().find((job) => job.runnerName === instance.input.clientToken);
    const madeFor = Number(/-(\d+)-\d+$/.exec(instance.input.clientToken)?.[1]);
    const until = ran ? endedJobs.get(ran.id) : leftQueue.get(madeFor);
    const fault = fromLastFault ? world.gate.lastFaultAt.getTime() : 0;
    return new Date(Math.max((until ?? time.now()).getTime(), instance.startedAt.getTime(), fault));
  }

  return {
    violations() {
      for (const job of github.jobs()) {
        if (job.status !== "completed") found.push(`job ${job.id} is ${job.status} in the end`);
      }
      for (const instance of microvms.all()) {
        const end = endedMicrovms.get(instance.microvmId) ?? instance.terminatedAt ?? time.now();
        const outlived = (end.getTime() - neededUntil(instance).getTime()) / 1_000;
        if (outlived > OUTLIVE_SECONDS) {
          found.push(`${instance.microvmId} (${instance.input.clientToken}) outlived its use by ${outlived} s`);
        }
        if (microvms.isAlive(instance.microvmId)) found.push(`${instance.microvmId} is alive in the end`);
      }
      for (const runner of github.runners()) found.push(`runner ${runner.name} is registered in the end`);
      for (const body of world.queue.bodies()) found.push(`the queue holds ${body}`);
      for (const body of world.queue.deadLetters()) found.push(`a dead letter: ${body}`);
      return found;
    },
  };
}
