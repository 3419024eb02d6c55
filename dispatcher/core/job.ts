/**
 * The record of one job and of the MicroVMs launched for it: all that the dispatcher remembers. It is one item of the jobs
 * table, so that every step is one conditional write.
 */

/**
 * The life of a launch. Each state is written before the call that follows it, so that a crash at any point leaves a record
 * that says what may have happened:
 * `claimed`    the number is taken; a runner of that name may be registered;
 * `registered` the payload is stored; RunMicrovm may have been called with it, and may be called again;
 * `running`    the MicroVM's id is known;
 * `ended`      the MicroVM is gone, or was never started, and so is its registration.
 */
export type LaunchState = "claimed" | "registered" | "running" | "ended";

export interface Launch {
  /** Counts from 1; a number is never used for a second MicroVM. */
  number: number;
  state: LaunchState;
  runnerName: string;
  /** GitHub's id of the runner, once registered. */
  runnerId?: number;
  /** The `runHookPayload`, from the registration until the MicroVM is known: it makes RunMicrovm repeatable. */
  payload?: string;
  microvmId?: string;
  /** ISO 8601. */
  claimedAt: string;
  launchedAt?: string;
  endedAt?: string;
  /** Why it ended, in a word or two. */
  endReason?: string;
}

export interface JobRecord {
  jobId: number;
  runId: number;
  /** `owner/name`. */
  repository: string;
  installationId?: number;
  labels: string[];
  deliveryId: string;
  /** Oldest first. */
  launches: Launch[];
  /** GitHub's conclusion once the job is over. */
  conclusion?: string;
  /** ISO 8601: when the first delivery was handled. */
  createdAt: string;
  /** Counts the writes, from 1. */
  version: number;
  /** Unix time in seconds at which the table may forget the record. */
  expiresAt: number;
}

/** Names one launch for ever, towards GitHub, Lambda MicroVMs and the MicroVM itself. */
export function launchIdOf(jobId: number, launchNumber: number): string {
  return `${jobId}-${launchNumber}`;
}
