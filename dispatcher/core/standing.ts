/** What is known of a job that is being watched, and what each of its launches then means to it. */

import type { DeploymentState } from "./deployment.ts";
import { heldByAnother, type JobRecord, type Launch } from "./job.ts";
import { BOOT_SECONDS, isStalled, type Owed, secondsSince } from "./supply.ts";
import type { JobView, Microvm, Runner } from "./views.ts";

/** What GitHub and the service say of one launch; `unknown` when the question was not answered. */
export interface LaunchView {
  runner: Runner | "absent" | "unknown";
  microvm: Microvm | "gone" | "unknown";
  /** A delivery told of its job, which is taken for true for so many seconds more. */
  toldSeconds?: number;
}

export interface WatchKnowledge {
  record: JobRecord;
  job: JobView | "gone" | "unknown";
  /**
   * Whether the runner that is to make up for one that was given another job is still to come: the other job's own, or
   * that of the job which took that one, and so on.
   */
  owed: Owed;
  /** By launch number, for every launch that is not ended. */
  views: ReadonlyMap<number, LaunchView>;
  deployment: DeploymentState;
  now: Date;
}

/** GitHub's list of runners may lag behind a registration, and a MicroVM behind the end of its job, by some of this. */
export const GRACE_SECONDS = 120;

/** A MicroVM lives for at most 8 hours (Lambda MicroVMs, RunMicrovm). */
const LONGEST_LIFE_SECONDS = 8 * 3_600;

/** What one launch means to its job. */
export type Standing =
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

export function standingOf({ job, record, views, now }: WatchKnowledge, launch: Launch): Standing {
  if (launch.state !== "running") {
    const moving = heldByAnother(record, "", now) || !isStalled(launch, now);
    return moving ? "supply" : "stalled";
  }
  const view = views.get(launch.number) ?? { runner: "unknown", microvm: "unknown" };
  const age = secondsSince(launch.launchedAt, now);
  if (isDeadView(view.microvm, age)) return "spent";
  if (isRunning(job, launch)) return "busy";
  if (view.runner === "unknown") return "unknown";
  if (view.runner === "absent") return age < GRACE_SECONDS ? "supply" : "spent";
  if (view.runner.busy) return "busy";
  if (view.runner.status === "online") return "supply";
  return age < BOOT_SECONDS ? "supply" : "spent";
}

export function isDead({ views, now }: Pick<WatchKnowledge, "views" | "now">, launch: Launch): boolean {
  return (
    launch.state === "running" && isDeadView(views.get(launch.number)?.microvm, secondsSince(launch.launchedAt, now))
  );
}

/** When its MicroVM ended, as far as the service says. */
export function diedAt({ views }: Pick<WatchKnowledge, "views">, { number }: Launch): Date | undefined {
  const microvm = views.get(number)?.microvm;
  return typeof microvm === "object" ? microvm.terminatedAt : undefined;
}

export function isIdle(runner: LaunchView["runner"] | undefined): boolean {
  return typeof runner === "object" && runner.status === "online" && !runner.busy;
}

/**
 * That GetMicrovm knows nothing may be its lag: nothing is terminated on that, before the longest life of a MicroVM is
 * over.
 */
export function isSurelyDead(known: Pick<WatchKnowledge, "views" | "now">, launch: Launch): boolean {
  const isGone = known.views.get(launch.number)?.microvm === "gone";
  return isDead(known, launch) && (!isGone || secondsSince(launch.launchedAt, known.now) >= LONGEST_LIFE_SECONDS);
}

// GetMicrovm is eventually consistent: of one just launched it may know nothing yet.
function isDeadView(microvm: LaunchView["microvm"] | undefined, age: number): boolean {
  if (microvm === undefined || microvm === "unknown") return false;
  if (microvm === "gone") return age >= GRACE_SECONDS;
  return microvm.state === "TERMINATED" || microvm.state === "TERMINATING";
}

/** Whether GitHub says that the job is on the runner of this launch. */
export function isRunning(job: WatchKnowledge["job"], launch: Launch): boolean {
  return typeof job === "object" && job.status === "in_progress" && job.runnerName === launch.runnerName;
}

/** Whether it was the job's: a single-use runner is gone as soon as its job is over. */
export function hasRun(job: WatchKnowledge["job"], launch: Launch): boolean {
  return typeof job === "object" && job.status === "completed" && job.runnerName === launch.runnerName;
}

export function isQueued(job: WatchKnowledge["job"]): boolean {
  return typeof job === "object" && job.status === "queued";
}
