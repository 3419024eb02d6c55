/** What the refresh function remembers: one item of the jobs table. */
import { compareRunners } from "./runner-releases.ts";

/** Why an image is built. */
export type RefreshRule = "heal" | "return" | "rescue" | "renew" | "age";

/** What is in a version of the image that was built and active when it was seen. */
export interface KnownVersion {
  /** Version of the Actions runner. */
  runner: string;
  runnerSha256: string;
  /** Unix time in milliseconds: the date that its build context names. */
  builtMs: number;
  /** Hash of its build context without the runner and the date: differs when somebody changed the image. */
  context: string;
  /** Key of its build context in the code bucket; the refresh function's own copy where it keeps one. */
  key: string;
  /** Major number of the base image's version. */
  base: string;
  baseImageArn: string;
  /** Built by the refresh function, and not by Terraform. */
  own: boolean;
}

/** A build that was begun and not yet seen to end. */
export interface RefreshBuild {
  rule: RefreshRule;
  /** The version that its configuration was read from. */
  from: string;
  runner: string;
  /** Names what is built, for counting failures. */
  attempted: string;
  /** Key of the build context in the code bucket. */
  key: string;
  startedMs: number;
  /** Built to get away from a runner that GitHub refuses. */
  rescue: boolean;
  /** The number after the newest version that was listed: what the new one gets, unless another build comes between. */
  expected: string;
  /** The new version; absent until the service has answered. */
  version?: string;
  /** Another build came between reading the configuration and writing it: what it brought is to be built again. */
  stale?: boolean;
}

export interface Failures {
  count: number;
  lastMs: number;
}

export interface RefreshState {
  versions: Readonly<Record<string, KnownVersion>>;
  build?: RefreshBuild;
  /** By what was attempted. */
  failures: Readonly<Record<string, Failures>>;
  /** The newest version number that the refresh function made, built or not. */
  lastOwn?: string;
  /** The newest runner that was built into an image here, unless it was withdrawn. */
  newest?: { runner: string; sha256: string };
  /** Runners that GitHub refused while it called them current. */
  withdrawn: readonly string[];
  /** A version of Terraform's that a build of ours has covered by accident: built again from it. */
  covered?: string;
  /** What it was last built for in its turn among the images, and since when that is tried. */
  turn?: { attempted: string; sinceMs: number };
}

/** Rules whose builds can wait: images are built one after the other. */
export const isPatient = (rule: RefreshRule): boolean => rule === "renew" || rule === "age";

const MAX_FAILURES = 10;
const MAX_WITHDRAWN = 10;

/** Names what is attempted: five failures of the same end the attempts until it is something else. */
export function attemptOf(rule: RefreshRule, context: string, runner: string): string {
  return `${rule === "heal" ? "heal" : "build"}:${context}:${runner}`;
}

/** The state after a version was looked into. */
export function noteVersion(state: RefreshState, version: string, facts: KnownVersion): RefreshState {
  return { ...state, versions: { ...state.versions, [version]: facts } };
}

/** The state without versions that the service no longer lists. */
export function forgetVersions(state: RefreshState, listed: readonly string[]): RefreshState {
  const kept = Object.entries(state.versions).filter(([version]) => listed.includes(version));
  if (kept.length === Object.keys(state.versions).length) return state;
  return { ...state, versions: Object.fromEntries(kept) };
}

/** The state when a build is about to be asked for; `version` follows with {@link noteAnswer}. */
export function noteBegun(state: RefreshState, build: RefreshBuild): RefreshState {
  const { attempted, startedMs } = build;
  if (!isPatient(build.rule) || state.turn?.attempted === attempted) return { ...state, build };
  return { ...state, build, turn: { attempted, sinceMs: startedMs } };
}

/** The state after the service named the new version. */
export function noteAnswer(state: RefreshState, version: string): RefreshState {
  if (state.build === undefined) return state;
  const build = { ...state.build, version, ...(version === state.build.expected ? {} : { stale: true }) };
  return { ...state, build, lastOwn: version };
}

/** The state without the build that was under way, which the service refused or never began. */
export function dropBuild(state: RefreshState): RefreshState {
  const { build: _, ...rest } = state;
  return rest;
}

/** The state after the build under way has ended. */
export function noteEnd(
  state: RefreshState,
  outcome: "built" | "failed",
  facts: { version: string; terraform: string | undefined; now: Date },
): RefreshState {
  const { build, ...rest } = state;
  if (build === undefined) return state;
  const ended: RefreshState = { ...rest, lastOwn: facts.version };
  const failures = Object.entries(state.failures).filter(([attempted]) => attempted !== build.attempted);
  if (outcome === "failed") {
    const count = (state.failures[build.attempted]?.count ?? 0) + 1;
    const failed: [string, Failures] = [build.attempted, { count, lastMs: facts.now.getTime() }];
    return { ...ended, failures: Object.fromEntries([...failures, failed].slice(-MAX_FAILURES)) };
  }
  const { covered: _, ...built } = ended;
  return {
    ...built,
    failures: Object.fromEntries(failures),
    ...(build.stale && facts.terraform !== undefined ? { covered: facts.terraform } : {}),
  };
}

/** The state once it is known which runner launches get. */
export function noteLaunched(state: RefreshState, { runner, runnerSha256 }: KnownVersion): RefreshState {
  const { newest } = state;
  if (state.withdrawn.includes(runner)) return state;
  if (newest !== undefined && compareRunners(newest.runner, runner) >= 0) return state;
  return { ...state, newest: { runner, sha256: runnerSha256 } };
}

/** The state after GitHub refused a runner that it calls current. */
export function noteWithdrawn(state: RefreshState, runner: string): RefreshState {
  if (state.withdrawn.includes(runner)) return state;
  const { newest, ...rest } = state;
  const withdrawn = [...state.withdrawn, runner].slice(-MAX_WITHDRAWN);
  return { ...rest, withdrawn, ...(newest === undefined || newest.runner === runner ? {} : { newest }) };
}
