/** What GitHub says of the runner's releases: one item of the jobs table, which the refresh function reads. */

import { compareVersions } from "./compare-versions.ts";

/** The shape of the runner's versions; nothing else is ever put into a build. */
export const RUNNER_VERSION = /^2\.\d{3}\.\d{1,3}$/;
export const SHA256 = /^[0-9a-f]{64}$/;

/** A month has one or two: enough to find the successor of whatever an image may still have. */
const MAX_RELEASES = 20;

/** A release for Linux on arm64, as the downloads of GitHub's API show it. */
export interface Release {
  version: string;
  /** GitHub's own checksum of the archive. */
  sha256: string;
  /** Unix time in milliseconds: when it was first seen. */
  seenMs: number;
}

export interface RunnerReleases {
  /** Unix time in milliseconds: when GitHub was last asked, and answered. */
  checkedMs: number;
  /** Whether GitHub gives no jobs to old runners: github.com does, GitHub Enterprise Server does not. */
  enforced: boolean;
  /** Ascending; the last is the one that GitHub offers. */
  releases: readonly Release[];
  /**
   * By version: Unix time in milliseconds from which on GitHub refuses it, null while it sets no date. What is absent
   * is not known.
   */
  refusedFromMs: Readonly<Record<string, number | null>>;
}

export const NO_RELEASES: RunnerReleases = { checkedMs: 0, enforced: true, releases: [], refusedFromMs: {} };

/** What GitHub answered. */
export interface ReleaseAnswer {
  newest: { version: string; sha256: string };
  enforced: boolean;
  /** Of the versions that were asked for and are known to GitHub. */
  refusedFromMs: Readonly<Record<string, number | null>>;
}

/** Below zero when `a` is the older one. */
export function compareRunners(a: string, b: string): number {
  return compareVersions(a, b);
}

/** What is known after an answer. A release that GitHub no longer offers is forgotten: it was withdrawn. */
export function noteReleases(known: RunnerReleases, answer: ReleaseAnswer, now: Date): RunnerReleases {
  const { newest } = answer;
  const same = known.releases.find(({ version, sha256 }) => version === newest.version && sha256 === newest.sha256);
  const releases = [
    ...known.releases.filter(({ version }) => compareRunners(version, newest.version) < 0),
    { ...newest, seenMs: same?.seenMs ?? now.getTime() },
  ].slice(-MAX_RELEASES);
  const kept = Object.entries(known.refusedFromMs).filter(([version]) =>
    releases.some((release) => release.version === version),
  );
  return {
    checkedMs: now.getTime(),
    enforced: answer.enforced,
    releases,
    refusedFromMs: { ...Object.fromEntries(kept), ...answer.refusedFromMs },
  };
}

/** Whether GitHub has said that it refuses this runner by now. */
export function isRefused(known: RunnerReleases, runner: string, now: Date): boolean {
  const from = known.refusedFromMs[runner];
  return typeof from === "number" && from <= now.getTime();
}
