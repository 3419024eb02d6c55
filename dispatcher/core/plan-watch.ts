/**
 * The timer's decision about one job: a pure function of the record, GitHub's view of the job and of its runners, the
 * service's view of the MicroVMs, and the clock. Supply is looked at, never assumed, because GitHub may give a runner any
 * job with its labels. A view that is incomplete leads to nothing but another look.
 */

import { heldByAnother, type JobRecord, type Launch } from "./job.ts";
import { conclusionOf, MAX_LAUNCHES } from "./plan-launch.ts";
import { BOOT_SECONDS, isStalled, type Owed, secondsSince } from "./supply.ts";
import type { JobView, Microvm, Runner } from "./views.ts";

/** What GitHub and the service say of one launch; `unknown` when the question was not answered. */
export interface LaunchView {
  runner: Runner | "absent" | "unknown";
  microvm: Microvm | "gone" | "unknown";
}

export interface WatchKnowledge {
  record: JobRecord;
  job: JobView | "gone" | "unknown";
  /**
   * Whether the runner that is to make up for one that was given another job is still to come: the other job's own, or that
   * of the job which took that one, and so on.
   */
  owed: Owed;
  /** By launch number, for every launch that is not ended. */
  views: ReadonlyMap<number, LaunchView>;
  now: Date;
}

export type WatchAction =
  /** Write down that the job is over. */
  | { kind: "conclude"; conclusion: string }
  /** Write down when the runner was first seen with another job. */
  | { kind: "note-swap"; launchNumber: number }
  /** Remove the registration and, if GitHub lets it go, terminate the MicroVM. */
  | { kind: "end"; launchNumber: number; reason: string }
  /** Hand the job to the launch flow again. */
  | { kind: "relaunch"; reason: string }
  /** The bound on launches is reached: a person must look. */
  | { kind: "give-up" };

export interface WatchDecision {
  actions: WatchAction[];
  /** When to look again; absent when nothing is left to watch. */
  againSeconds?: number;
}

/** GitHub's list of runners may lag behind a registration, and a MicroVM behind the end of its job, by some of this. */
export const GRACE_SECONDS = 120;
/** After a swap the other job's own runner usually comes online within this time and takes the job. */
export const SWAP_GRACE_SECONDS = 60;

/** After its launch a runner needs this long at least before it is certain that GitHub has no job for it. */
const IDLE_SECONDS = 60;

const SOON_SECONDS = 30;
/** What was not there in the first minutes is not looked for as often. */
const LATER_SECONDS = 60;
/** Bounds how long a MicroVM can outlive its job when every message about its end is lost. */
const RUNNING_SECONDS = 240;

// What one launch means to its job.
type Standing =
  /** Is or will be a runner that the job can be given to. */
  | "supply"
  /** Is running a job: this one, or another. */
  | "busy"
  /** Nobody is moving it on. */
  | "stalled"
  /** Will never take a job any more. */
  | "spent"
  /** Cannot be told. */
  | "unknown";

/** Decides what to do about a job that is being watched. */
export function planWatch(known: WatchKnowledge): WatchDecision {
  const { record, job } = known;
  const live = record.launches.filter((launch) => launch.state !== "ended");
  const standings = new Map(live.map((launch) => [launch, standingOf(known, launch)]));
  const actions: WatchAction[] = [];
  if (isOver(job) && record.conclusion === undefined) {
    actions.push({ kind: "conclude", conclusion: conclusionOf(job) });
  }
  for (const [launch, standing] of standings) {
    const reason = endReason(known, launch, standing);
    if (reason) actions.push({ kind: "end", launchNumber: launch.number, reason });
  }
  if (isQueued(job)) return whileQueued(known, standings, actions);
  // Whoever takes a stalled launch up again finds that its job is over, and undoes it.
  if (job !== "unknown" && [...standings.values()].includes("stalled")) {
    actions.push({ kind: "relaunch", reason: "stalled" });
  }
  if (live.length === 0 && job !== "unknown") return { actions };
  const allBusy = [...standings.values()].every((standing) => standing === "busy");
  return { actions, againSeconds: allBusy && job !== "unknown" ? RUNNING_SECONDS : soon(known, live) };
}

function soon({ job, now }: WatchKnowledge, live: readonly Launch[]): number {
  const young = live.some((launch) => secondsSince(launch.launchedAt ?? launch.claimedAt, now) < BOOT_SECONDS);
  return young && job !== "unknown" ? SOON_SECONDS : LATER_SECONDS;
}

function whileQueued(
  known: WatchKnowledge,
  standings: ReadonlyMap<Launch, Standing>,
  actions: WatchAction[],
): WatchDecision {
  const { record, now } = known;
  const has = (wanted: Standing) => [...standings.values()].includes(wanted);
  const wait = { actions, againSeconds: soon(known, [...standings.keys()]) };
  if (has("supply") || has("unknown")) return wait;
  if (has("stalled")) return { ...wait, actions: [...actions, { kind: "relaunch", reason: "stalled" }] };
  if (known.owed.kind === "supply") return { actions, againSeconds: known.owed.againSeconds };
  if (known.owed.kind === "unknown") return wait;
  const swapped = [...standings].filter(([, standing]) => standing === "busy").map(([launch]) => launch);
  const unnoted = swapped.filter((launch) => launch.swappedAt === undefined);
  if (unnoted.length > 0) {
    const notes = unnoted.map((launch) => ({ kind: "note-swap" as const, launchNumber: launch.number }));
    return { ...wait, actions: [...actions, ...notes] };
  }
  if (swapped.some((launch) => secondsSince(launch.swappedAt, now) < SWAP_GRACE_SECONDS)) return wait;
  if (record.launches.length >= MAX_LAUNCHES) return { actions: [...actions, { kind: "give-up" }] };
  return { ...wait, actions: [...actions, { kind: "relaunch", reason: swapped.length > 0 ? "swapped" : "no runner" }] };
}

function standingOf({ job, record, views, now }: WatchKnowledge, launch: Launch): Standing {
  if (launch.state !== "running") {
    const moving = heldByAnother(record, "", now) || !isStalled(launch, now);
    return moving ? "supply" : "stalled";
  }
  const view = views.get(launch.number) ?? { runner: "unknown", microvm: "unknown" };
  const age = secondsSince(launch.launchedAt, now);
  if (isDead(view.microvm, age)) return "spent";
  if (isRunning(job, launch)) return "busy";
  if (view.runner === "unknown") return "unknown";
  if (view.runner === "absent") return age < GRACE_SECONDS ? "supply" : "spent";
  if (view.runner.busy) return "busy";
  if (view.runner.status === "online") return "supply";
  return age < BOOT_SECONDS ? "supply" : "spent";
}

// Why a launch is to be ended now, if it is. The end itself asks GitHub once more: a busy runner cannot be removed.
function endReason({ job, views, now }: WatchKnowledge, launch: Launch, standing: Standing): string | undefined {
  const age = secondsSince(launch.launchedAt, now);
  if (launch.state === "running" && isDead(views.get(launch.number)?.microvm, age)) return "MicroVM gone";
  if (job === "unknown") return undefined;
  if (standing === "spent") return "no runner";
  if (isQueued(job) || standing !== "supply" || launch.state !== "running") return undefined;
  const runner = views.get(launch.number)?.runner;
  const idle = typeof runner === "object" && runner.status === "online";
  return idle && age >= IDLE_SECONDS ? "not needed" : undefined;
}

// GetMicrovm is eventually consistent: of one just launched it may know nothing yet.
function isDead(microvm: LaunchView["microvm"] | undefined, age: number): boolean {
  if (microvm === undefined || microvm === "unknown") return false;
  if (microvm === "gone") return age >= GRACE_SECONDS;
  return microvm.state === "TERMINATED" || microvm.state === "TERMINATING";
}

/** Whether GitHub says that the job is on the runner of this launch. */
export function isRunning(job: WatchKnowledge["job"], launch: Launch): boolean {
  return typeof job === "object" && job.status === "in_progress" && job.runnerName === launch.runnerName;
}

function isQueued(job: WatchKnowledge["job"]): boolean {
  return typeof job === "object" && (job.status === "queued" || job.status === "waiting");
}

function isOver(job: WatchKnowledge["job"]): job is JobView | "gone" {
  return job === "gone" || (typeof job === "object" && job.status === "completed");
}
