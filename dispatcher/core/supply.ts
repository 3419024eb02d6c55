import type { Launch } from "./job.ts";

/** A runner that is not online so long after its launch will not come. */
export const BOOT_SECONDS = 300;
/** A launch that nobody has moved on for so long has lost its message. */
export const STALLED_SECONDS = 300;

/** Whether a launch still is to bring a runner, by its record alone: being made, or booting and not known to have a job. */
export function isToCome(launch: Launch, now: Date): boolean {
  switch (launch.state) {
    case "claimed":
    case "registered":
      return !isStalled(launch, now);
    case "running":
      return launch.ranJobId === undefined && secondsSince(launch.launchedAt, now) < BOOT_SECONDS;
    case "ended":
      return false;
  }
}

/** Whether nobody seems to be making the launch any more; one that waits for its moment is not stalled before that. */
export function isStalled(launch: Launch, now: Date): boolean {
  return secondsSince(launch.slotAt ?? launch.claimedAt, now) >= STALLED_SECONDS;
}

/** Seconds from a moment (ISO 8601) until now; infinitely many since one that never was. */
export function secondsSince(moment: string | undefined, now: Date): number {
  return moment === undefined ? Number.POSITIVE_INFINITY : (now.getTime() - new Date(moment).getTime()) / 1_000;
}
