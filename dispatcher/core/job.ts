/**
 * The record of one job and of the MicroVMs launched for it: all that the dispatcher remembers. It is one item of the
 * jobs table, so that every step is one conditional write. Its types follow from the schemas that read it back.
 */
import * as v from "valibot";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const instant = v.pipe(v.string(), v.isoTimestamp());

// Fields of a newer deployment survive a read and a write by an older one; its types do not see them.
/* @__NO_SIDE_EFFECTS__ */
function keptWhole<const Entries extends v.ObjectEntries>(
  entries: Entries,
): v.GenericSchema<unknown, v.InferOutput<v.ObjectSchema<Entries, undefined>>> {
  return v.looseObject(entries);
}

/** What RunMicrovm is told. */
const runMicrovmInput = keptWhole({
  imageArn: v.string(),
  /** Absent: the latest active version. */
  imageVersion: v.exactOptional(v.string()),
  execRoleArn: v.string(),
  ingressConnectorArn: v.string(),
  egressConnectorArn: v.string(),
  logGroup: v.string(),
  runHookPayload: v.string(),
  maxDurationSeconds: count,
  /** 1 to 128 characters; the same token with the same input names the same MicroVM, however often it is sent. */
  clientToken: v.string(),
});

export type RunMicrovmInput = v.InferOutput<typeof runMicrovmInput>;

/**
 * The life of a launch. Each state is written before the call that follows it, so that a crash at any point leaves a
 * record that says what may have happened:
 * `claimed`    the number is taken; a runner of that name may be registered;
 * `registered` the payload is stored; RunMicrovm may have been called with it, and may be called again;
 * `running`    the MicroVM's id is known;
 * `ended`      the MicroVM is gone, or was never started, and so is its registration.
 */
export const LAUNCH_STATES = ["claimed", "registered", "running", "ended"] as const;

const launch = keptWhole({
  /** Counts from 1; a number is never used for a second MicroVM. */
  number: count,
  state: v.picklist(LAUNCH_STATES),
  runnerName: v.string(),
  /** The class of its runner; absent: the default. */
  class: v.exactOptional(v.string()),
  /** Name of its class's own image; absent: it was launched from the default's. */
  image: v.exactOptional(v.string()),
  /**
   * The labels that its runner registers with; absent in the launches of an earlier release: those of the class
   * `default`.
   */
  labels: v.exactOptional(v.array(v.string())),
  /** The runner group that its runner registers in, 0 for its job's repository; absent as `labels`. */
  groupId: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  /** GitHub's id of the runner, once registered. */
  runnerId: v.exactOptional(count),
  /**
   * The whole input of RunMicrovm, from the registration until the MicroVM is known. Sent again with the same client
   * token it names the same MicroVM, so a crash between the call and the record costs nothing.
   */
  runInput: v.exactOptional(runMicrovmInput),
  /** RunMicrovm was called and its outcome is not known: a MicroVM may exist. */
  ambiguous: v.exactOptional(v.literal(true)),
  microvmId: v.exactOptional(v.string()),
  claimedAt: instant,
  /** When RunMicrovm may be called for it, among all the launches that want to. */
  slotAt: v.exactOptional(instant),
  /** Why it had no place when it last asked for one, in the words of the log. */
  waitsFor: v.exactOptional(v.string()),
  /** In which epoch of the pace that moment was given; absent where it is none of the pace's. */
  slotEpoch: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  /** When GitHub last refused to register its runner. */
  refusedAt: v.exactOptional(instant),
  /** When the job was last handed to the launch flow again because nobody seemed to move this launch on. */
  resentAt: v.exactOptional(instant),
  /** It was made out of turn: to see whether GitHub gives jobs again, or because it does. */
  cause: v.exactOptional(v.picklist(["probe", "recovery"])),
  /** The version that its MicroVM was launched from. */
  imageVersion: v.exactOptional(v.string()),
  /** It was let through while launches are held, to see whether GitHub still refuses the image's runner. */
  probesHold: v.exactOptional(v.literal(true)),
  /** When its runner was first seen online and without a job. */
  idleAt: v.exactOptional(instant),
  launchedAt: v.exactOptional(instant),
  /** When its runner was first seen with a job that it was not made for. */
  swappedAt: v.exactOptional(instant),
  /** The other job that its runner was given. */
  ranJobId: v.exactOptional(count),
  endedAt: v.exactOptional(instant),
  /** Why it ended, in a word or two. */
  endReason: v.exactOptional(v.string()),
  /** Its registration could not be removed when it ended, and is still to be. */
  runnerLeft: v.exactOptional(v.literal(true)),
});

export type Launch = v.InferOutput<typeof launch>;

const lease = keptWhole({
  /** The Lambda request id of the invocation that holds it. */
  holder: v.string(),
  /** Not before the holder's own deadline, so that no holder can act after it. */
  until: instant,
});

export type Lease = v.InferOutput<typeof lease>;

/** A record as it is stored; moments are ISO 8601. */
export const jobRecord = keptWhole({
  jobId: count,
  runId: count,
  /** `owner/name`. */
  repository: v.string(),
  installationId: v.exactOptional(count),
  /** Everybody may fork the repository and open a pull request. */
  isPublic: v.exactOptional(v.literal(true)),
  labels: v.array(v.string()),
  deliveryId: v.string(),
  /** Oldest first. */
  launches: v.array(launch),
  /** GitHub's conclusion once the job is over. */
  conclusion: v.exactOptional(v.string()),
  /**
   * A look found it over before GitHub's word of it came, which alone says how long it ran: that is still to be logged.
   */
  untold: v.exactOptional(v.literal(true)),
  /** The launch made for another job whose runner was given this one. */
  servedBy: v.exactOptional(v.string()),
  /** The number of the last launch before GitHub queued the job anew: what became of those before does not count. */
  freshFrom: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  /** When GitHub last did not know the job. */
  goneAt: v.exactOptional(instant),
  /** How many looks one after the other GitHub did not know it; absent: one, where it did not. */
  goneLooks: v.exactOptional(count),
  /** When somebody was told that its MicroVMs keep dying. */
  exhaustedAt: v.exactOptional(instant),
  /** How far the chain of swaps has been followed, a look at a time: the job that is next, after so many. */
  owedPlace: v.exactOptional(keptWhole({ jobId: count, swaps: count })),
  /** One worker at a time moves a job on; another takes over only when the lease of one that died has run out. */
  lease: v.exactOptional(lease),
  /** When the first delivery was handled. */
  createdAt: instant,
  /** Name of its workflow. */
  workflow: v.exactOptional(v.string()),
  /** When the latest delivery came that says that GitHub queued the job. */
  queuedAt: v.exactOptional(instant),
  /** When the watch message that counts arrives; any other is a stray copy. */
  watchDue: v.exactOptional(instant),
  /** Counts the writes, from 1. */
  version: count,
  /** Unix time in seconds at which the table may forget the record. */
  expiresAt: count,
});

export type JobRecord = v.InferOutput<typeof jobRecord>;

/** GitHub keeps a job queued for 24 hours; a record is of use for a little longer. Each look at the job prolongs it. */
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
    since?: string | undefined;
    workflow?: string | undefined;
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
    expiresAt: expiryFrom(now),
  };
  if (message.installationId !== undefined) record.installationId = message.installationId;
  if (message.isPublic) record.isPublic = true;
  if (message.workflow !== undefined) record.workflow = message.workflow;
  if (message.since !== undefined) record.queuedAt = message.since;
  return record;
}

/** When the table may forget a record that was of use just now. */
export function expiryFrom(now: Date): number {
  return Math.floor(now.getTime() / 1_000) + RECORD_TTL_SECONDS;
}

/** Names one launch for ever, towards GitHub, Lambda MicroVMs and the MicroVM itself. */
export function launchIdOf(jobId: number, launchNumber: number): string {
  return `${jobId}-${launchNumber}`;
}

/** The launch with the highest number. */
export function latestLaunch(record: JobRecord): Launch | undefined {
  return record.launches.at(-1);
}

/** The launch of that number. */
export function launchOf(record: JobRecord, number: number): Launch | undefined {
  return record.launches.find((candidate) => candidate.number === number);
}

/** Where a job's calls to GitHub go. */
export function repositoryOf(job: {
  repository: string;
  installationId?: number | undefined;
}): Pick<JobRecord, "repository" | "installationId"> {
  return job.installationId === undefined
    ? { repository: job.repository }
    : { repository: job.repository, installationId: job.installationId };
}

/** The record with one launch replaced by a changed copy of it; the record itself where nothing changes. */
export function withLaunch(record: JobRecord, number: number, change: (launch: Launch) => Launch): JobRecord {
  const launches = record.launches.map((launch) => (launch.number === number ? change(launch) : launch));
  return launches.every((launch, index) => launch === record.launches[index]) ? record : { ...record, launches };
}

/** What an earlier release of this code gives up a job at is never reached, and the item stays small. */
const MAX_KEPT_LAUNCHES = 9;

/**
 * The record without launches that say nothing any more: of those that were never started the last one tells enough,
 * and those made out of turn go before those by which the next one's turn is told.
 */
export function compacted(record: JobRecord): JobRecord {
  const last = record.launches.at(-1);
  const isForgettable = (launch: Launch) => launch.state === "ended" && launch.runnerLeft === undefined;
  const telling = record.launches.filter(
    (launch) => !isForgettable(launch) || launch.microvmId !== undefined || launch === last,
  );
  const inTurn = telling.filter(({ cause }) => cause === undefined);
  const outOfTurn = telling.filter((launch) => launch.cause !== undefined && launch !== last);
  const forgotten = new Set([...outOfTurn, ...inTurn].filter(isForgettable).slice(0, surplusOf(telling)));
  const launches = telling.filter((launch) => !forgotten.has(launch));
  return launches.length === record.launches.length ? record : { ...record, launches };
}

function surplusOf(launches: readonly Launch[]): number {
  return Math.max(0, launches.length - MAX_KEPT_LAUNCHES);
}

/** The record as it is to be written next: one version on. */
export function nextVersion(record: JobRecord): JobRecord {
  return { ...record, version: record.version + 1 };
}

/** Whether somebody other than `holder` is moving the job on. */
export function heldByAnother(record: JobRecord, holder: string, now: Date): record is JobRecord & { lease: Lease } {
  return record.lease !== undefined && record.lease.holder !== holder && new Date(record.lease.until) > now;
}

/**
 * The record without the lease of `holder`; the lease of a worker that died stays, since it says what that may have
 * done.
 */
export function released(record: JobRecord, holder: string): JobRecord {
  if (record.lease?.holder !== holder) return record;
  const { lease: _, ...rest } = record;
  return rest;
}

/**
 * Whether a MicroVM may exist whose id nobody wrote down: RunMicrovm was called without a known outcome, or the worker
 * that was about to call it died. Calling it again with what is stored tells.
 */
export function mayHaveUnknownMicrovm(record: JobRecord, launch: Launch): boolean {
  return launch.state === "registered" && (launch.ambiguous === true || record.lease !== undefined);
}
