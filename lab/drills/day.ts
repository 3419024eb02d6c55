import { createRandom } from "../world/random.ts";
import { LABELS, type World } from "../world/world.ts";
import type { Drill } from "./drill.ts";

const MINUTE = 60;
const HOUR = 3_600;
/** Between two jobs: one to seven minutes by day, and an hour and a half at night. */
const BY_DAY = { least: 1 * MINUTE, most: 7 * MINUTE };
const AT_NIGHT = 90 * MINUTE;
const MORNING = 7;
const EVENING = 19;

/** Queues jobs as a working team does, from the world's beginning on; returns when each was queued. */
export function queueJobs(world: World, hours: number, kind: NonNullable<Drill["jobs"]>, fromHour = 0): Date[] {
  const random = createRandom(7);
  const start = world.time.now();
  const times: Date[] = [];
  const at = (seconds: number) => {
    const id = 1_000 + times.length;
    times.push(new Date(start.getTime() + seconds * 1_000));
    const repository = REPOSITORIES[times.length % 5 === 0 ? 1 : 0];
    world.time.after(seconds, () => world.github.queueJob({ id, repository, labels: LABELS }));
  };
  if (kind === "none") return times;
  const count = typeof kind === "number" ? kind : Number.POSITIVE_INFINITY;
  for (let seconds = fromHour * HOUR + 90; seconds < hours * HOUR && times.length < count; ) {
    at(seconds);
    const hour = (start.getUTCHours() + seconds / HOUR) % 24;
    const slower = kind === "few" ? 3 : 1;
    const isDay = kind !== "night" && hour >= MORNING && hour < EVENING;
    seconds += isDay ? slower * (BY_DAY.least + random() * (BY_DAY.most - BY_DAY.least)) : AT_NIGHT;
  }
  return times;
}

export const REPOSITORIES = ["acme/shop", "acme/site"] as const;
