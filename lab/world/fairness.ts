import { createWorld, LABELS, type WorldOptions } from "./world.ts";

/** Jobs of one repository that are queued at one moment. */
export interface Crowd {
  repository: string;
  jobs: number;
  /** Seconds from the start. */
  at: number;
}

export interface FairnessFigures {
  /** The repositories of the launches in their order, from the moment on at which the last crowd had come. */
  order: string[];
  /** Seconds from a repository's first job to its last launch. */
  lastLaunch: Record<string, number>;
  /** Seconds until everything was done. */
  done: number;
  completed: number;
  /** The most MicroVMs of each repository at once. */
  most: Record<string, number>;
}

const JOB_SECONDS = 120;

/** Lets crowds of jobs meet a bound on MicroVMs. */
export async function fairness(
  places: number,
  crowds: readonly Crowd[],
  options: Partial<WorldOptions> = {},
): Promise<FairnessFigures> {
  const world = createWorld({
    seed: 1,
    repositories: crowds.map(({ repository }) => repository),
    maxConcurrency: places,
    rate: { perSecond: 5, burst: 5 },
    workers: 5,
    fateOfMicrovm: () => ({ bootSeconds: 20, jobSeconds: JOB_SECONDS }),
    ...options,
  });
  const { time, github, microvms } = world;
  const startMs = time.now().getTime();
  const second = () => (time.now().getTime() - startMs) / 1_000;
  const repositoryOf = new Map<string, string>();
  const lastCrowd = Math.max(...crowds.map(({ at }) => at));
  const figures: FairnessFigures = { order: [], lastLaunch: {}, done: 0, completed: 0, most: {} };
  const alive = new Map<string, number>();
  microvms.onLaunch(({ microvmId, input }) => {
    const repository = repositoryOf.get(input.clientToken.split("-")[1] ?? "") ?? "";
    if (second() > lastCrowd) figures.order.push(repository);
    const crowd = crowds.find((each) => each.repository === repository);
    figures.lastLaunch[repository] = second() - (crowd?.at ?? 0);
    const count = (alive.get(repository) ?? 0) + 1;
    alive.set(repository, count);
    figures.most[repository] = Math.max(figures.most[repository] ?? 0, count);
    microvms.onEnd(microvmId, () => alive.set(repository, (alive.get(repository) ?? 0) - 1));
  });
  github.onEvent(({ action }) => {
    if (action === "completed") figures.done = second();
  });
  let lastId = 10_000;
  for (const { repository, jobs, at } of crowds) {
    time.after(at, () => {
      for (let index = 0; index < jobs; index++) {
        repositoryOf.set(String(++lastId), repository);
        github.queueJob({ id: lastId, repository, labels: LABELS });
      }
    });
  }
  await time.run(30);
  figures.completed = github.jobs().filter(({ conclusion }) => conclusion === "success").length;
  return figures;
}

/** After how many launches the last of a repository's came. */
export function placesUntilAll(order: readonly string[], repository: string): number {
  return order.lastIndexOf(repository) + 1;
}
