/**
 * The log lines that something reads: a metric, an alarm, a command, a document's query. Whoever writes one and whoever reads it
 * take its name and its fields from here. Lines that only people read are not listed.
 */
import type { LogFields, Logger, LogLevel } from "./log.ts";

type FieldType = "text" | "number" | "flag" | "texts";

type ValueOf<T extends FieldType> = { text: string; number: number; flag: boolean; texts: readonly string[] }[T];

/** What CloudWatch makes of the line. */
export interface EventMetric<Field extends string> {
  /** In the namespace that is the module's `name_prefix`. */
  readonly name: string;
  readonly unit: "Count" | "Seconds" | "None";
  /** The field whose number is counted; absent: 1 for each line. */
  readonly value?: Field;
}

export interface LogEvent<Fields extends Readonly<Record<string, FieldType>> = Readonly<Record<string, FieldType>>> {
  /** The line's `event`. */
  readonly name: string;
  readonly level: LogLevel;
  /** What each line has beside the fields of its logger, such as the job's id. */
  readonly fields: Fields;
  readonly metric?: EventMetric<Extract<keyof Fields, string>>;
}

export type EventFields<Event extends LogEvent> = {
  readonly [Name in keyof Event["fields"]]: ValueOf<Event["fields"][Name]>;
};

/** Writes the event's line; `more` is for people. */
export function logEvent<const Event extends LogEvent>(
  log: Logger,
  event: Event,
  fields: EventFields<Event>,
  more: LogFields = {},
): void {
  log[event.level](event.name, { ...more, ...fields });
}

/** Ten MicroVMs came to nothing, and the job is given up: a person must look. */
export const JOB_EXHAUSTED = {
  name: "job.exhausted",
  level: "error",
  fields: { launches: "number" },
  metric: { name: "JobsExhausted", unit: "Count" },
} as const satisfies LogEvent;

/** How long GitHub will take the runner that launches get: the nearer of its date and 30 days after the successor. */
export const RUNNER_DAYS_LEFT = {
  name: "runner.days_left",
  level: "info",
  fields: { daysLeft: "number", runner: "text", imageVersion: "text" },
  metric: { name: "RunnerDaysLeft", unit: "None", value: "daysLeft" },
} as const satisfies LogEvent;

/** GitHub refuses the runner of the image: launches are held until there is another. */
export const RUNNER_REFUSED = {
  name: "runner.refused",
  level: "error",
  fields: { imageVersion: "text" },
  metric: { name: "RunnerRefused", unit: "Count" },
} as const satisfies LogEvent;

export const EVENTS: readonly LogEvent[] = [JOB_EXHAUSTED, RUNNER_DAYS_LEFT, RUNNER_REFUSED];
