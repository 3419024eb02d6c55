import type { RunMicrovmInput } from "../ports.ts";

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
  /**
   * The whole input of RunMicrovm, from the registration until the MicroVM is known. Sent again with the same client token
   * it names the same MicroVM, so a crash between the call and the record costs nothing.
   */
  runInput?: RunMicrovmInput;
  /** RunMicrovm was called and its outcome is not known: a MicroVM may exist. */
  ambiguous?: true;
  microvmId?: string;
  /** ISO 8601. */
  claimedAt: string;
  /** ISO 8601: when RunMicrovm may be called for it, among all the launches that want to. */
  slotAt?: string;
  launchedAt?: string;
  /** ISO 8601: when its runner was first seen with a job that it was not made for. */
  swappedAt?: string;
  /** The other job that its runner was given. */
  ranJobId?: number;
  endedAt?: string;
  /** Why it ended, in a word or two. */
  endReason?: string;
}

export interface Lease {
  /** The Lambda request id of the invocation that holds it. */
  holder: string;
  /** ISO 8601: not before the holder's own deadline, so that no holder can act after it. */
  until: string;
}

export interface JobRecord {
  jobId: number;
  runId: number;
  /** `owner/name`. */
  repository: string;
  installationId?: number;
  /** Everybody may fork the repository and open a pull request. */
  isPublic?: true;
  labels: string[];
  deliveryId: string;
  /** Oldest first. */
  launches: Launch[];
  /** GitHub's conclusion once the job is over. */
  conclusion?: string;
  /** The launch made for another job whose runner was given this one. */
  servedBy?: string;
  /** One worker at a time moves a job on; another takes over only when the lease of one that died has run out. */
  lease?: Lease;
  /** ISO 8601: when the first delivery was handled. */
  createdAt: string;
  /** ISO 8601: when the watch message that counts arrives; any other is a stray copy. */
  watchDue?: string;
  /** Counts the writes, from 1. */
  version: number;
  /** Unix time in seconds at which the table may forget the record. */
  expiresAt: number;
}

/** GitHub keeps a job queued for 24 hours; a record is of use for a little longer. */
const RECORD_TTL_SECONDS = 3 * 24 * 3_600;

/** The record of a job of which nothing is known but what a message says; version 0 is never written. */
export function newRecord(
  message: {
    jobId: number;
    runId: number;
    repository: string;
    labels?: string[];
    deliveryId?: string;
    installationId?: number | undefined;
    isPublic?: true | undefined;
  },
  now: Date,
): JobRecord {
  const record: JobRecord = {
    jobId: message.jobId,
    runId: message.runId,
    repository: message.repository,
    labels: message.labels ?? [],
    deliveryId: message.deliveryId ?? "",
    launches: [],
    createdAt: now.toISOString(),
    version: 0,
    expiresAt: Math.floor(now.getTime() / 1_000) + RECORD_TTL_SECONDS,
  };
  if (message.installationId !== undefined) record.installationId = message.installationId;
  if (message.isPublic) record.isPublic = true;
  return record;
}

/** Names one launch for ever, towards GitHub, Lambda MicroVMs and the MicroVM itself. */
export function launchIdOf(jobId: number, launchNumber: number): string {
  return `${jobId}-${launchNumber}`;
}

/** The launch with the highest number. */
export function latestLaunch(record: JobRecord): Launch | undefined {
  return record.launches.at(-1);
}

/** The record with one launch replaced by a changed copy of it. */
export function withLaunch(record: JobRecord, number: number, change: (launch: Launch) => Launch): JobRecord {
  return {
    ...record,
    launches: record.launches.map((launch) => (launch.number === number ? change(launch) : launch)),
  };
}

/** The record as it is to be written next: one version on. */
export function nextVersion(record: JobRecord): JobRecord {
  return { ...record, version: record.version + 1 };
}

/** Whether somebody other than `holder` is moving the job on. */
export function heldByAnother(record: JobRecord, holder: string, now: Date): boolean {
  return record.lease !== undefined && record.lease.holder !== holder && new Date(record.lease.until) > now;
}

/** The record without the lease of `holder`; the lease of a worker that died stays, since it says what that may have done. */
export function released(record: JobRecord, holder: string): JobRecord {
  if (record.lease?.holder !== holder) return record;
  const { lease: _, ...rest } = record;
  return rest;
}

/**
 * Whether a MicroVM may exist whose id nobody wrote down: RunMicrovm was called without a known outcome, or the worker that
 * was about to call it died. Calling it again with what is stored tells.
 */
export function mayHaveUnknownMicrovm(record: JobRecord, launch: Launch): boolean {
  return launch.state === "registered" && (launch.ambiguous === true || record.lease !== undefined);
}
