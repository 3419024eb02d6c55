import type { DispatcherDeps } from "../../dispatcher/flows/deps.ts";
import { createWorld, LABELS } from "./world.ts";

export interface BurstFigures {
  completed: number;
  /** What is alive, registered or queued in the end. */
  left: string[];
  /** Time from the first delivery to the last launch, to what the limit needs for so many launches. */
  drainRatio: number;
  throttledPerJob: number;
  microvmsPerJob: number;
  githubCallsPerJob: number;
}

/** Queues many jobs at one moment and measures how they get through the limit on launches. */
export async function burst(options: {
  jobs: number;
  perSecond: number;
  seed?: number;
  alter?(deps: DispatcherDeps): DispatcherDeps;
}): Promise<BurstFigures> {
  const { jobs, perSecond, seed = 1 } = options;
  const world = createWorld({
    seed,
    repositories: ["acme/shop"],
    rate: { perSecond, burst: 5 },
    ...(options.alter ? { alter: options.alter } : {}),
    fateOfMicrovm: (_, random) => ({ bootSeconds: 15 + random() * 30, jobSeconds: 30 + random() * 60 }),
    fateOfDelivery: (_, random) => ({ kind: "arrives", afterSeconds: random() * 5 }),
  });
  const start = world.time.now().getTime();
  let lastLaunch = start;
  world.microvms.onLaunch(() => {
    lastLaunch = world.time.now().getTime();
  });
  for (let index = 0; index < jobs; index++) {
    world.time.after(0, () => world.github.queueJob({ id: 1_000 + index, repository: "acme/shop", labels: LABELS }));
  }
  await world.time.run(30);
  const githubCalls = world.gate.calls.filter(({ name }) => name.startsWith("github.")).length;
  return {
    completed: world.github.jobs().filter(({ status }) => status === "completed").length,
    left: [
      ...world.microvms.alive().map(({ microvmId }) => microvmId),
      ...world.github.runners().map(({ name }) => name),
      ...world.queue.bodies(),
      ...world.queue.deadLetters(),
    ],
    drainRatio: (lastLaunch - start) / ((jobs / perSecond) * 1_000),
    throttledPerJob: world.microvms.throttledCount() / jobs,
    microvmsPerJob: world.microvms.all().length / jobs,
    githubCallsPerJob: githubCalls / jobs,
  };
}
