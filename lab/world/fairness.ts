import type { Place } from "../../dispatcher/core/fair-places.ts";
import type { Capacity } from "../../dispatcher/ports.ts";
import { createWorld, LABELS, type WorldOptions } from "./world.ts";

/** Jobs of one repository that are queued at one moment. */
export interface Crowd {
  repository: string;
  jobs: number;
  /** Seconds from the start. */
  at: number;
}

export interface FairnessFigures {
  /** Whose launches took the places that came free after the last crowd had come, in their order. */
  order: string[];
  /** How many of each repository took places that were free already, or that nobody had had yet. */
  atHand: Record<string, number>;
  /** Seconds from a repository's first job to its last launch. */
  lastLaunch: Record<string, number>;
  /** Seconds until everything was done. */
  done: number;
  completed: number;
  /** The most MicroVMs of each repository at once. */
  most: Record<string, number>;
}

const JOB_SECONDS = 120;
/** Before that nobody but GitHub knows of a job. */
const DELIVERY_SECONDS = 1;

/** Lets crowds of jobs meet a bound on MicroVMs. */
export async function fairness(
  places: number,
  crowds: readonly Crowd[],
  options: Partial<WorldOptions> = {},
): Promise<FairnessFigures> {
  const { alter = (deps) => deps } = options;
  const world = createWorld({
    seed: 1,
    repositories: crowds.map(({ repository }) => repository),
    maxConcurrency: places,
    rate: { perSecond: 5, burst: 5 },
    workers: 5,
    fateOfMicrovm: () => ({ bootSeconds: 20, jobSeconds: JOB_SECONDS }),
    ...options,
    alter: (deps) => {
      const altered = alter(deps);
      return { ...altered, capacity: freed(altered.capacity) };
    },
  });
  const { time, github, microvms } = world;
  const startMs = time.now().getTime();
  const second = () => (time.now().getTime() - startMs) / 1_000;
  const repositoryOf = new Map<string, string>();
  const lastCrowd = Math.max(...crowds.map(({ at }) => at));
  const figures: FairnessFigures = { order: [], atHand: {}, lastLaunch: {}, done: 0, completed: 0, most: {} };
  const freed = watchPlaces(() => second() >= lastCrowd + DELIVERY_SECONDS, figures);
  const alive = new Map<string, number>();
  microvms.onLaunch(({ microvmId, input }) => {
    const repository = repositoryOf.get(input.clientToken.split("-")[1] ?? "") ?? "";
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

/** Notes who takes places from the moment on at which `isOn`; a launch that takes its own again does not count. */
function watchPlaces(
  isOn: () => boolean,
  { order, atHand }: Pick<FairnessFigures, "order" | "atHand">,
): (capacity: Capacity) => Capacity {
  const holders = new Set<string>();
  let most = 0;
  let freeBefore: number | undefined;
  const take = ({ launchId, repository }: Required<Place>): void => {
    if (holders.has(launchId)) return;
    holders.add(launchId);
    const isNew = holders.size > most;
    most = Math.max(most, holders.size);
    if (!isOn()) return;
    if (!isNew && freeBefore === 0) {
      order.push(repository);
      return;
    }
    if (!isNew && freeBefore !== undefined) freeBefore--;
    atHand[repository] = (atHand[repository] ?? 0) + 1;
  };
  return (capacity) => {
    if (isOn()) freeBefore ??= most - holders.size;
    return {
      holders: () => capacity.holders(),
      async acquire(launch, bounds) {
        const got = await capacity.acquire(launch, bounds);
        if (got) take(launch);
        return got;
      },
      async release(place) {
        await capacity.release(place);
        holders.delete(place.launchId);
      },
    };
  };
}

/** After how many launches the last of a repository's came. */
export function placesUntilAll(order: readonly string[], repository: string): number {
  return order.lastIndexOf(repository) + 1;
}
