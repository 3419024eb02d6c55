/** What the refresh function decides on, and what it can decide. */

import type { RefreshBuild, RefreshRule, RefreshState } from "./refresh-state.ts";
import type { RunnerReleases } from "./runner-releases.ts";
import type { BaseVersion, ImageState, ImageVersion } from "./views.ts";

export interface RefreshSettings {
  /** How many days a release was seen before it is taken. */
  soakDays: number;
  /** After so many days the image is built again, whatever is in it; 0: never for age alone. */
  maxAgeDays: number;
  /** Hours of the day, in UTC, in which nothing urgent may be built; empty: any. */
  hoursUtc: readonly number[];
  /** Releases that are never taken. */
  skipRunners: readonly string[];
}

/** All that is known when the next step is chosen. */
export interface RefreshKnowledge {
  now: Date;
  settings: RefreshSettings;
  imageState: ImageState;
  /** All of the image's versions, in no order. */
  versions: readonly ImageVersion[];
  /** In no order. */
  bases: readonly BaseVersion[];
  state: RefreshState;
  releases: RunnerReleases;
  /** The version whose MicroVMs' runner GitHub refused, while launches are held for it. */
  heldVersion?: string | undefined;
  /** Somebody asked for a build now. */
  rebuild?: boolean;
}

/** What a build is made of. */
export interface BuildPlan {
  rule: RefreshRule;
  /** The version whose configuration and context are taken. */
  from: string;
  /** Absent: the context as it is. */
  runner?: { version: string; sha256: string };
  /** Absent: the base version as it is. */
  base?: string;
  /** Built to get away from a runner that GitHub refuses. */
  rescue: boolean;
  /** A runner that GitHub refuses although it calls it current: not to be taken again. */
  withdrawn?: string;
  attempted: string;
}

export type WaitReason = "quiet" | "pause" | "hours" | "versions" | "turn";

export type RefreshPlan =
  | { kind: "rest" }
  /** The image is being built, changed or deleted; `stuck`: by a build of ours that does not end. */
  | { kind: "follow"; stuck?: RefreshBuild }
  /** A build of ours has ended; `lost`: it was never begun. */
  | { kind: "settle"; build: RefreshBuild; outcome: "built" | "failed" | "lost"; version?: string }
  | { kind: "withdraw"; version: string; runner: string }
  | { kind: "build"; build: BuildPlan }
  /** A build is due and kept back. */
  | { kind: "wait"; build: BuildPlan; because: WaitReason };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The bounds of what a rule may do. */
export const BOUNDS = {
  /** A build takes 2 to 14 minutes; one of ours that takes longer than this is told of. */
  stuckMs: HOUR_MS,
  /** A PUT whose answer was lost has made its version by then, or never will. */
  lostMs: 2 * MINUTE_MS,
  /** Whoever applies gets so long to apply once more after a failure, */
  healTerraformMs: 30 * MINUTE_MS,
  /** and after any build. */
  quietMs: HOUR_MS,
  /** After one, two, ... failures of the same. */
  pausesMs: [15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, 12 * HOUR_MS, DAY_MS],
  /** So many failures of the same end it, where nothing is urgent. */
  maxFailures: 5,
  /** The service takes 50: the last ten are left to whoever applies. */
  maxVersions: 40,
  /** With fewer days left, no release is soaked and no hour waited for. */
  urgentDays: 7,
} as const;

export type Bounds = {
  readonly [name in keyof typeof BOUNDS]: (typeof BOUNDS)[name] extends number ? number : readonly number[];
};
