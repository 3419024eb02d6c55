import { compareRunners, type RunnerReleases } from "./runner-releases.ts";

const DAY_MS = 24 * 3_600_000;
/** A release must be taken within so many days of its successor's release (GitHub's changelog, 2026-06-12). */
const GRACE_DAYS = 30;

/**
 * Days until GitHub may refuse this runner: the nearer of GitHub's date and 30 days after its successor was first seen.
 * Negative when that is past; undefined while neither is known.
 */
export function daysLeft(known: RunnerReleases, runner: string, now: Date): number | undefined {
  if (!known.enforced) return undefined;
  const successor = known.releases.find(({ version }) => compareRunners(version, runner) > 0);
  const ends = [
    known.refusedFromMs[runner],
    successor === undefined ? undefined : successor.seenMs + GRACE_DAYS * DAY_MS,
  ].filter((end) => typeof end === "number");
  return ends.length === 0 ? undefined : Math.floor((Math.min(...ends) - now.getTime()) / DAY_MS);
}
