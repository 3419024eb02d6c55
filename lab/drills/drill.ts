import type { World } from "../world/world.ts";
import type { WorldOptions } from "../world/world-options.ts";

/** While something is out. */
export interface Outage {
  from: Date;
  until: Date;
  isOn(now: Date): boolean;
}

/** How the image and its versions fare, which no job shows. */
export interface ImageFate {
  /** Days that GitHub will go on to take the image's runner, at the drill's beginning. */
  daysLeft?: number;
  /** Builds of it fail. */
  buildsFail?: boolean;
  /** Its old versions cannot be deleted. */
  deletionsRefused?: boolean;
}

/** Something that goes wrong, and who is woken by it. */
export interface Drill {
  name: string;
  says: string;
  /** How long it lasts. */
  hours: number;
  /** The hour of the day at which it begins; 14 where nothing is said. */
  hour?: number;
  /** What is played before it begins and after it has ended; 2 and 4 hours where nothing is said. */
  hoursBefore?: number;
  hoursAfter?: number;
  /** Each alarm that must go off, with the latest minute after the first affected job. */
  alarms: Readonly<Record<string, number>>;
  /** Alarms that may go off besides. */
  mayFollow?: readonly string[];
  /** Jobs of a whole day, fewer of them, those of a night, or so many from its beginning on. */
  jobs?: "day" | "few" | "night" | "none" | number;
  /** So many jobs are queued, and run. */
  runs?: number;
  /** Jobs are lost in it. */
  losesJobs?: boolean;
  image?: ImageFate;
  options?(outage: Outage): Partial<WorldOptions>;
  play?(world: World, outage: Outage): void;
}
