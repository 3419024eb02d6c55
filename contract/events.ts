/**
 * The log lines that something reads: a metric, an alarm, a command, a document's query. Whoever writes one and whoever
 * reads it take its name and its fields from here. Lines that only people read are not listed.
 */
import type { LogFields, Logger, LogLevel } from "./log.ts";

/** One that ends in `?` is absent from some lines. */
type FieldType = "text" | "number" | "text?" | "number?";

type ValueOf<T extends FieldType> = {
  text: string;
  number: number;
  "text?": string | undefined;
  "number?": number | undefined;
}[T];

export interface LogEvent<Fields extends Readonly<Record<string, FieldType>> = Readonly<Record<string, FieldType>>> {
  /** The line's `event`. */
  readonly name: string;
  readonly level: LogLevel;
  /**
   * What each line has beside the fields of its logger, such as the job's id. For the compiler alone: no function
   * carries it.
   */
  readonly fields?: Fields;
}

type FieldsOf<Event extends LogEvent> = NonNullable<Event["fields"]>;

export type EventFields<Event extends LogEvent> = {
  readonly [Name in keyof FieldsOf<Event>]: ValueOf<FieldsOf<Event>[Name]>;
};

/* @__NO_SIDE_EFFECTS__ */
function event<const Fields extends Readonly<Record<string, FieldType>>>() {
  return <const Name extends string>(name: Name, level: LogLevel): LogEvent<Fields> & { readonly name: Name } => ({
    name,
    level,
  });
}

/** Writes the event's line; `more` is for people. */
export function logEvent<Event extends LogEvent>(
  log: Logger,
  event: Event,
  fields: EventFields<Event>,
  more: LogFields = {},
): void {
  log[event.level](event.name, { ...more, ...fields });
}

/** Why a message of the jobs queue waits. */
export type WaitReason =
  /** GitHub or AWS refuse what is asked for: a person has to mend a permission, a key or an installation. */
  | "denied"
  /** Somebody does not answer, or answers with an error; a defect of this code too. */
  | "unavailable"
  /** GitHub's rate limit is used up. */
  | "github-limit"
  /** Launches go one after the other. */
  | "rate"
  /** The account's quota is used up. */
  | "quota"
  /** The Region has no room. */
  | "capacity"
  /** The image is being built, or has no version to launch. */
  | "image"
  /** The bounds that the module was given. */
  | "max_concurrency"
  | "max_concurrency_per_repository"
  /** A place is kept for a repository that has fewer. */
  | "share"
  /** GitHub refuses the image's runner. */
  | "runner-held"
  /** Its launches came to nothing, and the next one is not due yet. */
  | "turn"
  /** Somebody has paused launches. */
  | "paused"
  /** Another worker is at it. */
  | "busy";

/** A message is put off; `ageSeconds`: since GitHub queued the job, or since the message was to be handled. */
export const MESSAGE_WAITING = event<{ type: "text"; reason: "text"; ageSeconds: "number" }>()(
  "message.waiting",
  "warn",
);

/** GitHub does not accept the App itself: nothing works in any repository. */
export const ACCESS_REFUSED = event<{ message: "text" }>()("access.refused", "error");

/** A job of which no MicroVM is left gets another one; `wasted`: how many in a row came to nothing. */
export const JOB_RELAUNCHED = event<{ reason: "text"; launches: "number"; wasted: "number" }>()(
  "job.relaunched",
  "warn",
);

/** What became of a launch; `cut-off`: its MicroVM was as old as it may get. */
export type LaunchOutcome = "ran" | "not-needed" | "no-runner" | "died" | "refused" | "cut-off" | "abandoned";

/**
 * A launch is over. `seconds`: for which its MicroVM ran, at least; `memoryMib`: what each is given by the module's
 * inputs, absent where its class has an image of its own. `repo` and `workflow` are those of the job that it was made
 * for.
 */
export const LAUNCH_ENDED = event<{
  launchId: "text";
  outcome: "text";
  reason: "text";
  seconds: "number";
  class: "text";
  repo: "text";
  workflow: "text?";
  memoryMib: "number?";
}>()("launch.ended", "info");

/**
 * A job has run. `startSeconds`: from GitHub's last word that it is queued until it began; `runSeconds`: from then on.
 */
export const JOB_RAN = event<{
  repo: "text";
  class: "text";
  workflow: "text?";
  startSeconds: "number";
  runSeconds: "number";
}>()("job.ran", "info");

/** A job of which GitHub told is none of ours, or is not to have a runner. */
export const JOB_REFUSED = event<{ reason: "text" }>()("job.refused", "warn");

/** GitHub was asked to send a delivery again; `ageSeconds`: since its first attempt failed. */
export const REDELIVERY_ASKED = event<{ statusCode: "number"; ageSeconds: "number" }>()("redelivery.asked", "info");

/**
 * Four MicroVMs of a job died one after the other: a person must look. Logged once, until the job is queued anew; it is
 * launched on, at most once an hour in the end. `launches`: the number of the last one.
 */
export const JOB_EXHAUSTED = event<{ launches: "number" }>()("job.exhausted", "error");

/** How long GitHub will take the runner that launches get: the nearer of its date and 30 days after the successor. */
export const RUNNER_DAYS_LEFT = event<{ daysLeft: "number"; runner: "text"; imageVersion: "text" }>()(
  "runner.days_left",
  "info",
);

/** GitHub refuses the runner of the image: launches are held until there is another. */
export const RUNNER_REFUSED = event<{ imageVersion: "text" }>()("runner.refused", "error");

export const EVENTS: readonly LogEvent[] = [
  ACCESS_REFUSED,
  JOB_EXHAUSTED,
  JOB_RAN,
  JOB_REFUSED,
  JOB_RELAUNCHED,
  LAUNCH_ENDED,
  MESSAGE_WAITING,
  REDELIVERY_ASKED,
  RUNNER_DAYS_LEFT,
  RUNNER_REFUSED,
];
