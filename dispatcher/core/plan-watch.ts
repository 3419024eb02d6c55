/**
 * The timer's decision about one job: a pure function of the record, GitHub's view of the job and of its runners, the
 * service's view of the MicroVMs, and the clock. Supply is looked at, never assumed, because GitHub may give a runner
 * any job with its labels. A view that is incomplete leads to nothing but another look.
 */

import type { DeploymentState } from "./deployment.ts";
import { conclusionOf, isGoneForGood, withGone } from "./gone.ts";
import type { JobRecord, Launch } from "./job.ts";
import { DEATHS_TOLD, END_REASONS, fateOf, isRecovered, relaunchPace } from "./relaunch.ts";
import {
  diedAt,
  hasRun,
  isDead,
  isIdle,
  isQueued,
  isSurelyDead,
  type Standing,
  standingOf,
  type WatchKnowledge,
} from "./standing.ts";
import { BOOT_SECONDS, REFUSED_SECONDS, secondsSince } from "./supply.ts";
import type { JobView } from "./views.ts";

export type WatchAction =
  /** Write down that the job is over. */
  | { kind: "conclude"; conclusion: string }
  /** Write down that GitHub does not know the job; it is over when that is so at each look for some minutes. */
  | { kind: "note-gone" }
  /** Write down when the runner was first seen with another job. */
  | { kind: "note-swap"; launchNumber: number }
  /** Write down when the runner was first seen online and without a job. */
  | { kind: "note-idle"; launchNumber: number }
  /**
   * Remove the registration and, if GitHub lets it go, terminate the MicroVM; of a dead one the registration alone is
   * left.
   */
  | { kind: "end"; launchNumber: number; reason: string; dead: boolean; diedAt: Date | undefined }
  /** Remove a registration that could not be removed when its launch ended. */
  | { kind: "remove-runner"; launchNumber: number }
  /** Hand the job to the launch flow again; with a cause the launch is made out of turn. */
  | { kind: "relaunch"; reason: string; cause?: "recovery" }
  /** Hand the job to the launch flow again for a launch that nobody seems to move on. */
  | { kind: "resend"; launchNumber: number }
  /**
   * Wait for the next launch's turn, and be the one that is launched to see whether GitHub gives jobs again, if it is
   * due.
   */
  | { kind: "wait-turn" }
  /** MicroVMs keep dying: logged once as `job.exhausted`, a person must look. */
  | { kind: "tell" };

export interface WatchDecision {
  actions: WatchAction[];
  /** When to look again; absent when nothing is left to watch. */
  againSeconds?: number;
}

/** After a swap the other job's own runner usually comes online within this time and takes the job. */
export const SWAP_GRACE_SECONDS = 60;

/** After its launch a runner needs this long at least before it is certain that GitHub has no job for it. */
const IDLE_SECONDS = 60;

const SOON_SECONDS = 30;
/** What was not there in the first minutes is not looked for as often. */
const LATER_SECONDS = 60;
/** Bounds how long a MicroVM can outlive its job when every message about its end is lost. */
const RUNNING_SECONDS = 240;
/** A job whose turn is not yet looks whether GitHub gives jobs again. */
export const TURN_SECONDS = 180;
/** GitHub holds the job back: its `queued` delivery says when that is over. */
const HELD_SECONDS = 3_600;
/** GitHub keeps a job queued for 24 hours: of one that cannot be asked about for longer nothing is to be had. */
const UNKNOWN_SECONDS = 26 * 3_600;
/** A registration that could not be removed is tried again; GitHub forgets it after a day anyway. */
const LEFT_SECONDS = 900;

/** Decides what to do about a job that is being watched. */
export function planWatch(known: WatchKnowledge): WatchDecision {
  const { record, job, now } = known;
  const live = record.launches.filter((launch) => launch.state !== "ended");
  const standings = new Map(live.map((launch) => [launch, standingOf(known, launch)]));
  const actions = [
    ...concludeActions(known),
    ...idleActions(known, standings),
    ...leftActions(known),
    ...endActions(known, standings),
  ];
  if (job === "gone" && record.conclusion === undefined && !isGoneForGood(record, now)) {
    return { actions, againSeconds: TURN_SECONDS };
  }
  if (isQueued(job)) return whileQueued(known, standings, actions);
  // Whoever takes a stalled launch up again finds that its job is over, and undoes it.
  if (job !== "unknown") actions.push(...resendActions(known, standings));
  if (live.length === 0) return whenNothingLives(known, actions);
  return { actions, againSeconds: nextLook(known, standings) };
}

function concludeActions({ record, job, now }: WatchKnowledge): WatchAction[] {
  if (record.conclusion !== undefined || !isOver(job)) return [];
  if (job !== "gone" || isGoneForGood(record, now)) return [{ kind: "conclude", conclusion: conclusionOf(job) }];
  return withGone(record, now) === record ? [] : [{ kind: "note-gone" }];
}

// What a runner was seen to do tells afterwards whether its MicroVM died or GitHub gave it nothing.
function idleActions({ job, views }: WatchKnowledge, standings: ReadonlyMap<Launch, Standing>): WatchAction[] {
  if (!isQueued(job)) return [];
  return [...standings].flatMap(([launch, standing]) => {
    const runner = views.get(launch.number)?.runner;
    const idle = launch.state === "running" && standing === "supply" && isIdle(runner);
    return idle && launch.idleAt === undefined ? [{ kind: "note-idle" as const, launchNumber: launch.number }] : [];
  });
}

function leftActions({ record }: WatchKnowledge): WatchAction[] {
  const left = record.launches.filter((launch) => launch.runnerLeft);
  return left.map(({ number }) => ({ kind: "remove-runner", launchNumber: number }));
}

function endActions(known: WatchKnowledge, standings: ReadonlyMap<Launch, Standing>): WatchAction[] {
  return [...standings].flatMap(([launch, standing]) => {
    const reason = endReason(known, launch, standing);
    if (reason === undefined) return [];
    const dead = isSurelyDead(known, launch);
    return [{ kind: "end" as const, launchNumber: launch.number, reason, dead, diedAt: diedAt(known, launch) }];
  });
}

function resendActions({ now }: WatchKnowledge, standings: ReadonlyMap<Launch, Standing>): WatchAction[] {
  return [...standings]
    .filter(([launch, standing]) => standing === "stalled" && mayResend(launch, now))
    .map(([launch]) => ({ kind: "resend", launchNumber: launch.number }));
}

// Its message may only be failing, and then each further one fails beside it: the longer that lasts, the rarer they
// are.
function mayResend({ claimedAt, resentAt }: Launch, now: Date): boolean {
  const seconds = secondsSince(resentAt, now);
  return seconds >= REFUSED_SECONDS && 2 * seconds >= secondsSince(claimedAt, now);
}

function whenNothingLives({ record, job, now }: WatchKnowledge, actions: WatchAction[]): WatchDecision {
  if (job === "unknown") {
    const seconds = secondsSince(record.launches.at(-1)?.endedAt ?? record.createdAt, now);
    if (seconds >= UNKNOWN_SECONDS) return { actions };
    return { actions, againSeconds: seconds < LEFT_SECONDS ? LATER_SECONDS : LEFT_SECONDS };
  }
  if (typeof job === "object" && job.status === "waiting") return { actions, againSeconds: HELD_SECONDS };
  return record.launches.some(({ runnerLeft }) => runnerLeft) ? { actions, againSeconds: LEFT_SECONDS } : { actions };
}

// A launch that is busy by a delivery's word alone is asked about when that word is too old.
function nextLook(known: WatchKnowledge, standings: ReadonlyMap<Launch, Standing>): number {
  const { job, views } = known;
  const live = [...standings.keys()];
  if (job === "unknown" || ![...standings.values()].every((standing) => standing === "busy")) return soon(known, live);
  const told = live.flatMap(({ number }) => views.get(number)?.toldSeconds ?? []);
  return Math.max(SOON_SECONDS, Math.min(RUNNING_SECONDS, ...told));
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
  const has = (wanted: Standing) => [...standings.values()].includes(wanted);
  const wait = { actions, againSeconds: soon(known, [...standings.keys()]) };
  if (has("supply") || has("unknown")) return wait;
  if (has("stalled")) return { ...wait, actions: [...actions, ...resendActions(known, standings)] };
  if (known.owed.kind === "supply") return { actions, againSeconds: known.owed.againSeconds };
  if (known.owed.kind === "unknown") return { actions, againSeconds: SOON_SECONDS };
  const swapped = [...standings].filter(([, standing]) => standing === "busy").map(([launch]) => launch);
  const unnoted = swapped.filter((launch) => launch.swappedAt === undefined);
  if (unnoted.length > 0) {
    const notes = unnoted.map((launch) => ({ kind: "note-swap" as const, launchNumber: launch.number }));
    return { ...wait, actions: [...actions, ...notes] };
  }
  if (swapped.some((launch) => secondsSince(launch.swappedAt, known.now) < SWAP_GRACE_SECONDS)) return wait;
  const dying = has("spent");
  // What becomes of a launch that ends now decides when the next one is due: the next look does that.
  return dying ? { actions, againSeconds: 0 } : whenNoneIsLeft(known, actions);
}

function whenNoneIsLeft(known: WatchKnowledge, actions: WatchAction[]): WatchDecision {
  const { record, deployment, now } = known;
  const last = record.launches.at(-1);
  // The message that was refused comes back by itself; only if it is lost is another sent. Where GitHub refused the
  // runner of a MicroVM, none does: the next launch is made at once, and waits with all others while they are held.
  const comesBack = last !== undefined && last.microvmId === undefined && fateOf(last) === "refused";
  if (comesBack && secondsSince(last.endedAt, now) < REFUSED_SECONDS) {
    return { actions, againSeconds: TURN_SECONDS };
  }
  const { deaths } = relaunchPace(record);
  const told = deaths >= DEATHS_TOLD && record.exhaustedAt === undefined;
  const heard: WatchAction[] = told ? [...actions, { kind: "tell" }] : actions;
  const turn = turnOf(record, deployment, now);
  if (turn.kind === "due")
    return {
      actions: [...heard, { kind: "relaunch", reason: last && last.state !== "ended" ? "swapped" : "no runner" }],
      againSeconds: SOON_SECONDS,
    };
  if (turn.kind === "recovered") {
    return {
      actions: [...heard, { kind: "relaunch", reason: "GitHub gives jobs again", cause: "recovery" }],
      againSeconds: SOON_SECONDS,
    };
  }
  // A MicroVM that dies as those before it tells nothing of whether GitHub gives jobs.
  const waits: WatchAction[] = deaths > 0 ? [] : [{ kind: "wait-turn" }];
  return { actions: [...heard, ...waits], againSeconds: Math.min(TURN_SECONDS, turn.seconds) };
}

/** Whether a job of which nothing lives is to be launched again now, and else in how many seconds its turn comes. */
export function turnOf(
  record: JobRecord,
  deployment: DeploymentState,
  now: Date,
): { kind: "due" } | { kind: "recovered" } | { kind: "wait"; seconds: number } {
  const seconds = Math.ceil((relaunchPace(record).dueMs - now.getTime()) / 1_000);
  if (seconds <= 0) return { kind: "due" };
  return isRecovered(record, deployment) ? { kind: "recovered" } : { kind: "wait", seconds };
}

// Why a launch is to be ended now, if it is. The end itself asks GitHub once more: a busy runner cannot be removed.
function endReason({ job, views, now }: WatchKnowledge, launch: Launch, standing: Standing): string | undefined {
  const age = secondsSince(launch.launchedAt, now);
  if (isDead({ views, now }, launch)) return END_REASONS.microvmGone;
  if (job === "unknown") return undefined;
  if (standing === "spent") return hasRun(job, launch) ? END_REASONS.completed : END_REASONS.noRunner;
  if (isQueued(job) || standing !== "supply" || launch.state !== "running") return undefined;
  return isIdle(views.get(launch.number)?.runner) && age >= IDLE_SECONDS ? END_REASONS.notNeeded : undefined;
}

function isOver(job: WatchKnowledge["job"]): job is JobView | "gone" {
  return job === "gone" || (typeof job === "object" && job.status === "completed");
}
