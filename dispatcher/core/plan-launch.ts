/**
 * What to do next for a job that GitHub queued: a pure function of the record, of GitHub's view where it was asked, and
 * of the clock. The flow that calls it carries the step out, records the result and asks again, so a worker that dies
 * at any point is succeeded by another that finds the same step.
 */

import type { LaunchMessage } from "../../contract/messages.ts";
import { conclusionOf, GONE_SECONDS, isGoneForGood, withGone, withoutGone } from "./gone.ts";
import {
  compacted,
  expiryFrom,
  heldByAnother,
  type JobRecord,
  type Launch,
  type Lease,
  latestLaunch,
  mayHaveUnknownMicrovm,
  newRecord,
  withLaunch,
} from "./job.ts";
import { END_REASONS, relaunchPace } from "./relaunch.ts";
import { launchIdOfRunner, parseLaunchId, runnerNameOf } from "./runner-name.ts";
import type { JobView } from "./views.ts";

export type LaunchStep =
  /** Nothing is to be done (any more). */
  | { kind: "done"; reason: "running" | "over" | "elsewhere" | "waiting" | "not due" | "unreachable" }
  /** Another worker is at it. */
  | { kind: "wait"; seconds: number }
  /** Ask GitHub whether the job is still queued. */
  | { kind: "check-job" }
  /** Write this record, then go on. */
  | { kind: "write"; record: JobRecord }
  /** Find out when RunMicrovm may be called for this launch. */
  | { kind: "admit"; launchNumber: number }
  /** Register the runner of this launch and store what RunMicrovm is to be called with. */
  | { kind: "register"; launchNumber: number }
  /** Call RunMicrovm with what is stored. */
  | { kind: "run"; launchNumber: number }
  /** The job is not ours (any more): it gets no launch. */
  | { kind: "refuse" }
  /** The job is not queued any more, or the class of its runner is no more: undo this launch. */
  | { kind: "abandon"; launchNumber: number; reason: string };

/** How a launch serves its job, as its record keeps it. */
export type Serving = Required<Pick<Launch, "labels" | "groupId">> & Pick<Launch, "class" | "image">;

export interface LaunchKnowledge {
  record: JobRecord | undefined;
  message: LaunchMessage;
  /**
   * GitHub's answer in this run; `unknown` when it could not be had, `unreachable` when the App does not reach the
   * repository.
   */
  job?: JobView | "gone" | "unreachable" | "unknown";
  now: Date;
  lease: Lease;
  runnerNamePrefix: string;
  /** What the next launch's runner registers with; undefined where the job is not ours (any more). */
  serving?: Serving | undefined;
  /** The class of that name is there. */
  hasClass(name: string): boolean;
  /** RunMicrovm may be called for this launch in this run. */
  admitted: boolean;
}

/** How long to wait before asking a GitHub that did not answer again. */
const UNKNOWN_VIEW_SECONDS = 30;

/** Decides the next step of a launch. */
export function planLaunch(known: LaunchKnowledge): LaunchStep {
  const { record, now, lease } = known;
  if (record === undefined) {
    if (known.serving === undefined) return { kind: "refuse" };
    return { kind: "write", record: withNextLaunch(newRecord(known.message, now), known) };
  }
  if (heldByAnother(record, lease.holder, now)) return { kind: "wait", seconds: secondsUntil(record.lease, now) };
  const launch = latestLaunch(record);
  // A job that another's runner served leaves its own launch to that other, or to whoever is short of one in turn,
  // unless GitHub refuses it: then nobody counts on it.
  const isLeft = record.servedBy !== undefined && launch?.refusedAt === undefined;
  const over = record.conclusion !== undefined && !isLeft;
  if (launch === undefined || launch.state === "ended") {
    const open = isToAskAgain(record, known.message) ? withoutConclusion(record) : record;
    return open.conclusion === undefined ? afterAskingGitHub(known, open) : { kind: "done", reason: "over" };
  }
  if (launch.state === "running") {
    // It was launched in this very run only to learn its id.
    if (over && known.admitted) return abandon(launch);
    // A runner that has another job is no supply for this one.
    return launch.swappedAt === undefined || over
      ? { kind: "done", reason: "running" }
      : afterAskingGitHub(known, record);
  }
  if (over && !mayHaveUnknownMicrovm(record, launch)) return abandon(launch);
  // What is registered has all that it needs stored with it.
  if (launch.state === "claimed" && launch.class !== undefined && !known.hasClass(launch.class)) {
    return abandon(launch, END_REASONS.classRemoved);
  }
  if (record.lease?.holder === lease.holder) {
    if (!known.admitted) return { kind: "admit", launchNumber: launch.number };
    return { kind: launch.state === "claimed" ? "register" : "run", launchNumber: launch.number };
  }
  if (launch.state === "claimed" && !wasPutOff(record, launch)) return afterAskingGitHub(known, record);
  return { kind: "write", record: takeOver(record, launch.number, known) };
}

function abandon({ number }: Launch, reason: string = END_REASONS.over): LaunchStep {
  return { kind: "abandon", launchNumber: number, reason };
}

// GitHub did not know the job, and now queues it: nobody has seen its end.
function isToAskAgain(record: JobRecord, message: LaunchMessage): boolean {
  return record.conclusion === "unknown" && isFresh(record, message);
}

// Another delivery than the one that is known, or somebody's order: GitHub queued the job anew.
function isFresh(record: JobRecord, { relaunch, deliveryId }: LaunchMessage): boolean {
  return relaunch === undefined && deliveryId !== record.deliveryId;
}

function withoutConclusion({ conclusion: _, ...record }: JobRecord): JobRecord {
  return record;
}

// A launch that was put off until its moment came back on purpose: what ends a job meanwhile writes that into its
// record.
function wasPutOff(record: JobRecord, launch: Launch): boolean {
  return record.lease === undefined && launch.slotAt !== undefined && launch.refusedAt === undefined;
}

// From here on time has passed since GitHub said "queued": it is asked again before anything is launched. When it
// cannot be asked, a launch that was begun goes on, since it is the job's only one; another is never begun.
function afterAskingGitHub(known: LaunchKnowledge, record: JobRecord): LaunchStep {
  const { job, now } = known;
  const launch = latestLaunch(record);
  const claimed = launch?.state === "claimed" ? launch : undefined;
  const next = claimed ? takeOver(record, claimed.number, known) : nextLaunch(record, known);
  if (next === undefined) return { kind: "done", reason: "not due" };
  if (claimed === undefined && known.serving === undefined) return { kind: "refuse" };
  if (job === undefined) return { kind: "check-job" };
  // The watch, where there is one, finds out when it is reached again.
  if (job === "unreachable" && claimed === undefined) return { kind: "done", reason: "unreachable" };
  if (job === "unknown" || job === "unreachable") {
    return claimed ? { kind: "write", record: next } : { kind: "wait", seconds: UNKNOWN_VIEW_SECONDS };
  }
  if (job === "gone" && !isGoneForGood(record, now)) {
    const noted = withGone(record, now);
    return noted === record ? { kind: "wait", seconds: GONE_SECONDS } : { kind: "write", record: noted };
  }
  if (job !== "gone" && job.status === "queued") return { kind: "write", record: withoutGone(next) };
  if (claimed && isOnAnother(known, record, job)) return { kind: "write", record: next };
  if (claimed) return abandon(claimed);
  if (job !== "gone" && job.status === "waiting") return { kind: "done", reason: "waiting" };
  if (job !== "gone" && job.status === "in_progress") return { kind: "done", reason: "elsewhere" };
  return { kind: "write", record: { ...record, conclusion: conclusionOf(job) } };
}

// What the record is with one launch more; undefined while none is due.
function nextLaunch(record: JobRecord, known: LaunchKnowledge): JobRecord | undefined {
  const { message, now } = known;
  const last = latestLaunch(record);
  const { relaunch } = message;
  if (isFresh(record, message)) {
    const { exhaustedAt: _, owedPlace: __, ...rest } = record;
    const queued = message.since === undefined ? {} : { queuedAt: message.since };
    const anew = { ...rest, ...queued, deliveryId: message.deliveryId, freshFrom: last?.number ?? 0 };
    return withNextLaunch(anew, known);
  }
  if (relaunch?.cause !== undefined) {
    return relaunch.after === last?.number ? withNextLaunch(record, known, relaunch.cause) : undefined;
  }
  return relaunchPace(record).dueMs <= now.getTime() ? withNextLaunch(record, known) : undefined;
}

function isOnAnother(known: LaunchKnowledge, record: JobRecord, job: JobView | "gone"): boolean {
  if (record.servedBy !== undefined) return true;
  const launchId = job === "gone" ? undefined : launchIdOfRunner(known.runnerNamePrefix, job.runnerName ?? "");
  return launchId !== undefined && parseLaunchId(launchId)?.jobId !== record.jobId;
}

function withNextLaunch(record: JobRecord, known: LaunchKnowledge, cause?: Launch["cause"]): JobRecord {
  const { now, lease, serving } = known;
  const number = (latestLaunch(record)?.number ?? 0) + 1;
  const runnerName = runnerNameOf(known.runnerNamePrefix, record.jobId, number);
  const launch = { number, state: "claimed" as const, runnerName, ...serving, claimedAt: now.toISOString() };
  const launches = [...record.launches, cause === undefined ? launch : { ...launch, cause }];
  return compacted({ ...record, launches, lease, expiresAt: expiryFrom(now) });
}

// The worker that died may have called RunMicrovm: whether it did is not known until it is called again.
function takeOver(record: JobRecord, number: number, known: LaunchKnowledge): JobRecord {
  return withLaunch({ ...record, lease: known.lease }, number, (launch) =>
    mayHaveUnknownMicrovm(record, launch) ? { ...launch, ambiguous: true } : launch,
  );
}

function secondsUntil(lease: Lease, now: Date): number {
  return Math.ceil((new Date(lease.until).getTime() - now.getTime()) / 1_000);
}
