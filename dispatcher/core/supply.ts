import type { Launch } from "./job.ts";

/** A runner that is not online so long after its launch will not come. */
export const BOOT_SECONDS = 300;
/** A launch that nobody has moved on for so long has lost its message. */
export const STALLED_SECONDS = 300;

/**
 * Whether a launch still is to bring a runner, by its record alone: being made, and not refused meanwhile, or booting
 * and not known to have a job.
 */
export function isToCome(launch: Launch, now: Date): boolean {
  switch (launch.state) {
    case "claimed":
    case "registered":
      return launch.refusedAt === undefined && !isStalled(launch, now);
    case "running":
      return launch.ranJobId === undefined && secondsSince(launch.launchedAt, now) < BOOT_SECONDS;
    case "ended":
      return false;
  }
}

/** What is known of the runner that is to make up for one that was given another job. */
export type Owed =
  /** It is to come, and it is worth looking again after so many seconds. */
  | { kind: "supply"; againSeconds: number }
  | { kind: "none" }
  /** The chain of swaps goes on beyond what one look follows: the next one begins there. */
  | { kind: "unknown"; place: { jobId: number; swaps: number } };

const SETTLE_SECONDS = 60;
/** SQS delays a message by at most 15 minutes. */
const LONGEST_SECONDS = 900;

/** The supply that a launch which is to come means to the job that it is owed to. */
export function owedBy(launch: Launch, now: Date): Owed {
  const untilSlot = launch.state === "running" ? 0 : -secondsSince(launch.slotAt ?? launch.claimedAt, now);
  return {
    kind: "supply",
    againSeconds: Math.ceil(Math.min(LONGEST_SECONDS, Math.max(0, untilSlot) + SETTLE_SECONDS)),
  };
}

/**
 * Whether nobody seems to be making the launch any more; one that waits for its moment is not stalled before that, nor
 * is one that GitHub has refused as long as its message comes back.
 */
export function isStalled(launch: Launch, now: Date): boolean {
  if (secondsSince(launch.refusedAt, now) < REFUSED_SECONDS) return false;
  return secondsSince(launch.slotAt ?? launch.claimedAt, now) >= STALLED_SECONDS;
}

/** A message that is refused comes back within 5 minutes, and what comes back takes its time. */
export const REFUSED_SECONDS = 900;

/** Seconds from a moment (ISO 8601) until now; infinitely many since one that never was. */
export function secondsSince(moment: string | undefined, now: Date): number {
  return moment === undefined ? Number.POSITIVE_INFINITY : (now.getTime() - new Date(moment).getTime()) / 1_000;
}
