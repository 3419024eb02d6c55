/**
 * What CloudWatch makes of the log lines of {@link EVENTS}: one metric filter for each metric and log that feeds it.
 * Only the generator, the lab and the documents read this: no function carries it.
 */
import {
  ACCESS_REFUSED,
  JOB_EXHAUSTED,
  JOB_RAN,
  JOB_RELAUNCHED,
  LAUNCH_ENDED,
  type LaunchOutcome,
  type LogEvent,
  MESSAGE_WAITING,
  REDELIVERY_ASKED,
  RUNNER_DAYS_LEFT,
  RUNNER_REFUSED,
  type WaitReason,
} from "./events.ts";

/** Whose log it is. */
export type LoggingFunction = "dispatcher" | "redeliver" | "refresh";

/** One metric, in the namespace that is the module's `name_prefix`. */
export interface Metric {
  readonly name: string;
  readonly unit: "Count" | "Seconds" | "None";
  /** Reported while no line is counted: for an expression, which makes nothing of a metric that was never seen. */
  readonly restsAt?: number;
  readonly sources: readonly MetricSource[];
}

/** Which lines of which log are counted. */
export interface MetricSource {
  readonly log: LoggingFunction;
  /** The lines of one event, or all lines of a level. */
  readonly lines: { readonly event: string } | { readonly level: "error" };
  /** One field has one of these values. */
  readonly among?: { readonly field: string; readonly values: readonly string[] };
  /** The field whose number is counted, or that number itself; absent: 1 for each line. */
  readonly value?: string | number;
}

type FieldOf<Event extends LogEvent> = Extract<keyof NonNullable<Event["fields"]>, string>;

function from<const Event extends LogEvent, Field extends FieldOf<Event>>(
  log: LoggingFunction,
  { name }: Event,
  {
    value,
    among,
  }: { value?: FieldOf<Event> | number; among?: readonly [field: Field, values: readonly string[]] } = {},
): MetricSource {
  return {
    log,
    lines: { event: name },
    ...(value === undefined ? {} : { value }),
    ...(among === undefined ? {} : { among: { field: among[0], values: among[1] } }),
  };
}

function waiting(...reasons: readonly WaitReason[]): MetricSource {
  const value = { value: "ageSeconds" } as const;
  return from("dispatcher", MESSAGE_WAITING, reasons.length === 0 ? value : { ...value, among: ["reason", reasons] });
}

const CUT_OFF: LaunchOutcome = "cut-off";

/** What a refusal of the App itself counts as: more than the ten minutes that a single job may be refused. */
const REFUSED_AT_ONCE = 601;

export const METRICS = {
  waitingDenied: {
    name: "WaitingDeniedSeconds",
    unit: "Seconds",
    sources: [
      waiting("denied"),
      from("dispatcher", ACCESS_REFUSED, { value: REFUSED_AT_ONCE }),
      from("redeliver", ACCESS_REFUSED, { value: REFUSED_AT_ONCE }),
    ],
  },
  waitingUnavailable: { name: "WaitingUnavailableSeconds", unit: "Seconds", sources: [waiting("unavailable")] },
  waitingGitHubLimit: { name: "WaitingGitHubLimitSeconds", unit: "Seconds", sources: [waiting("github-limit")] },
  waitingNoRoom: { name: "WaitingNoRoomSeconds", unit: "Seconds", sources: [waiting("rate", "quota", "capacity")] },
  waitingImage: { name: "WaitingImageSeconds", unit: "Seconds", sources: [waiting("image")] },
  waiting: { name: "WaitingSeconds", unit: "Seconds", sources: [waiting()] },
  undelivered: {
    name: "UndeliveredSeconds",
    unit: "Seconds",
    sources: [from("redeliver", REDELIVERY_ASKED, { value: "ageSeconds" })],
  },
  wasted: {
    name: "WastedInARow",
    unit: "Count",
    sources: [from("dispatcher", JOB_RELAUNCHED, { value: "wasted" })],
  },
  startSeconds: {
    name: "StartSeconds",
    unit: "Seconds",
    sources: [from("dispatcher", JOB_RAN, { value: "startSeconds" })],
  },
  runSeconds: {
    name: "RunSeconds",
    unit: "Seconds",
    sources: [from("dispatcher", JOB_RAN, { value: "runSeconds" })],
  },
  microvmSeconds: {
    name: "MicrovmSeconds",
    unit: "Seconds",
    sources: [from("dispatcher", LAUNCH_ENDED, { value: "seconds" })],
  },
  cutOff: {
    name: "JobsCutOff",
    unit: "Count",
    sources: [from("dispatcher", LAUNCH_ENDED, { among: ["outcome", [CUT_OFF]] })],
  },
  exhausted: { name: "JobsExhausted", unit: "Count", sources: [from("dispatcher", JOB_EXHAUSTED)] },
  runnerRefused: { name: "RunnerRefused", unit: "Count", sources: [from("dispatcher", RUNNER_REFUSED)] },
  runnerDaysLeft: {
    name: "RunnerDaysLeft",
    unit: "None",
    sources: [from("refresh", RUNNER_DAYS_LEFT, { value: "daysLeft" })],
  },
  imageRefreshErrors: {
    name: "ImageRefreshErrors",
    unit: "Count",
    restsAt: 0,
    sources: [{ log: "refresh", lines: { level: "error" } }],
  },
} as const satisfies Readonly<Record<string, Metric>>;

/** The filter pattern that selects the lines (CloudWatch Logs, filter pattern syntax for JSON log events). */
export function patternOf({ lines, among }: MetricSource): string {
  const line = "event" in lines ? `$.event = "${lines.event}"` : `$.level = "${lines.level}"`;
  if (among === undefined) return `{ ${line} }`;
  const any = among.values.map((value) => `$.${among.field} = "${value}"`);
  return `{ (${line}) && (${any.length === 1 ? any[0] : any.map((one) => `(${one})`).join(" || ")}) }`;
}

/** The value that a line counts as, as the filter states it. */
export function countedValue({ value = 1 }: MetricSource): string {
  return typeof value === "number" ? String(value) : `$.${value}`;
}
