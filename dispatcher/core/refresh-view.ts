/** What the rules of the refresh function ask of what is known, and the bounds that keep their builds back. */

import { compareVersions } from "./compare-versions.ts";
import type { Bounds, BuildPlan, RefreshKnowledge, RefreshPlan } from "./refresh-knowledge.ts";
import { attemptOf, type KnownVersion, type RefreshRule } from "./refresh-state.ts";
import { compareRunners, isRefused, type Release } from "./runner-releases.ts";
import type { BaseVersion, ImageVersion } from "./views.ts";

/** A built and active version, with what is in it. */
export interface Active {
  version: string;
  facts: KnownVersion;
}

export interface View extends RefreshKnowledge {
  bounds: Bounds;
  /** Newest first, down to the first that nobody has looked into. */
  active: readonly Active[];
  /** What launches get; undefined while nobody has looked into it. */
  launched: Active | undefined;
}

/** The rules' view of what is known. */
export function viewOf(knowledge: RefreshKnowledge, bounds: Bounds): View {
  const { state } = knowledge;
  const launchable = launchableVersions(knowledge.versions);
  const active: Active[] = [];
  for (const version of launchable) {
    const facts = state.versions[version];
    if (facts === undefined) break;
    active.push({ version, facts });
  }
  return { ...knowledge, bounds, active, launched: active[0] };
}

/** Newest first: versions that could be launched. A launch gets the first. */
export function launchableVersions(versions: readonly ImageVersion[]): string[] {
  return newestFirst(versions)
    .filter(({ state, status }) => state === "SUCCESSFUL" && status === "ACTIVE")
    .map(({ version }) => version);
}

export function buildOf(rule: RefreshRule, from: Active, change: Pick<BuildPlan, "runner" | "base">): BuildPlan {
  const { facts, version } = from;
  const runner = change.runner?.version ?? facts.runner;
  const context = change.base === undefined ? facts.context : `${facts.context}@${change.base}`;
  return { rule, from: version, ...change, rescue: false, attempted: attemptOf(rule, context, runner) };
}

export interface Restraint {
  /** Failures never end it. */
  unending?: boolean;
  /** It waits for nothing after a failure. */
  unpaused?: boolean;
  /** It leaves whoever applies alone. */
  quiet?: boolean;
  /** It waits for its hour. */
  hours?: boolean;
}

/** The build, or what keeps it back; undefined when it has failed too often to be tried again. */
export function bounded(view: View, build: BuildPlan, usual: Restraint): RefreshPlan | undefined {
  // Who asks for a build now waits for nothing but room.
  const restraint: Restraint = view.rebuild ? { unending: true, unpaused: true } : usual;
  const { bounds, state, versions, now, settings } = view;
  const failures = state.failures[build.attempted] ?? { count: 0, lastMs: 0 };
  if (!restraint.unending && failures.count >= bounds.maxFailures) return undefined;
  if (versions.length >= bounds.maxVersions) return { kind: "wait", build, because: "versions" };
  const pauseMs = bounds.pausesMs[Math.min(failures.count, bounds.pausesMs.length) - 1] ?? 0;
  if (!restraint.unpaused && now.getTime() - failures.lastMs < pauseMs)
    return { kind: "wait", build, because: "pause" };
  if (restraint.quiet && isTerraformAtWork(view)) return { kind: "wait", build, because: "quiet" };
  const { hoursUtc } = settings;
  if (restraint.hours && hoursUtc.length > 0 && !hoursUtc.includes(now.getUTCHours())) {
    return { kind: "wait", build, because: "hours" };
  }
  return { kind: "build", build };
}

function isTerraformAtWork({ versions, state, now, bounds }: View): boolean {
  const [newest] = newestFirst(versions);
  if (newest === undefined || newest.version === state.lastOwn) return false;
  return now.getTime() - newest.createdAt.getTime() < bounds.quietMs;
}

export const isSkipped = ({ settings, state }: View, runner: string): boolean =>
  settings.skipRunners.includes(runner) || state.withdrawn.includes(runner);

/** Refused when it came to run, though GitHub's API sets no date. */
export function isRefusedHere({ heldVersion, state, releases, now }: View, { version, facts }: Active): boolean {
  if (isRefused(releases, facts.runner, now)) return false;
  const held = heldVersion === undefined ? undefined : state.versions[heldVersion];
  return heldVersion === version || held?.runner === facts.runner || state.withdrawn.includes(facts.runner);
}

export const isRefusedAtAll = (view: View, active: Active): boolean =>
  isRefused(view.releases, active.facts.runner, view.now) || isRefusedHere(view, active);

/** Whether a release is one that GitHub will take jobs for. */
export function isUsable(view: View, { version }: Release): boolean {
  const { releases, now } = view;
  if (isSkipped(view, version)) return false;
  const from = releases.refusedFromMs[version];
  // Of a release that it offers GitHub may know no date yet; of an older one that says nothing.
  if (from === undefined) return version === releases.releases.at(-1)?.version;
  return from === null || from > now.getTime();
}

export const isBetter = (facts: KnownVersion, { version }: Release, refused: boolean): boolean =>
  refused ? version !== facts.runner : compareRunners(version, facts.runner) > 0;

export function newestBase(bases: readonly BaseVersion[]): string | undefined {
  return bases
    .filter(({ status }) => status === "AVAILABLE")
    .map(({ major }) => major)
    .toSorted((a, b) => Number(b) - Number(a))[0];
}

// By number: it only ever counts up.
export function newestFirst(versions: readonly ImageVersion[]): ImageVersion[] {
  return versions.toSorted((a, b) => compareVersions(b.version, a.version));
}
