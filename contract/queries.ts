/**
 * Questions to the functions' logs, in the language of CloudWatch Logs Insights: saved in the account, shown on the
 * dashboard, and asked by the commands. One command a line.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 */
import {
  JOB_RAN,
  JOB_REFUSED,
  LAUNCH_ENDED,
  type LaunchOutcome,
  type LogEvent,
  MESSAGE_WAITING,
  REDELIVERY_ASKED,
} from "./events.ts";
import { type LaunchPrice, SECONDS_BEFORE_RUN, snapshotReadUsd, usdPerMibSecond } from "./launch-cost.ts";
import type { LoggingFunction } from "./metrics.ts";

/** What a row is of. */
export type Grouping = readonly ("repo" | "workflow" | "class")[];

/** A query that is kept in the account. */
export interface SavedQuery {
  /** Within the folder that is the module's `name_prefix`. */
  readonly name: string;
  readonly log: LoggingFunction;
  /** `dollars`: the columns that {@link dollarColumns} makes, which depend on the Region. */
  lines(dollars: string): readonly string[];
}

// The names of an event's fields, so that one that is renamed does not compile here.
const fieldsOf =
  <Event extends LogEvent>(_event: Event) =>
  <Field extends Extract<keyof NonNullable<Event["fields"]>, string>>(field: Field): Field =>
    field;

const only = ({ name }: LogEvent) => `filter event = "${name}"`;
const ofLaunch = fieldsOf(LAUNCH_ENDED);
const ofJob = fieldsOf(JOB_RAN);
const ofWait = fieldsOf(MESSAGE_WAITING);
const ofDelivery = fieldsOf(REDELIVERY_ASKED);

/**
 * What launches cost, for {@link costBy}: `dollars` by the formula of a job's page, of all MicroVMs, and
 * `startDollars`, which no page has: the time before `/run`, and the read of the snapshot where its price is known.
 * Nothing where the Region has no price.
 */
export function dollarColumns(price: LaunchPrice | undefined): string {
  if (price === undefined) return "";
  const [seconds, each] = [ofLaunch("seconds"), `${ofLaunch("memoryMib")} * ${usdPerMibSecond(price).toFixed(15)}`];
  const read = price.snapshotRead === undefined ? "" : ` + ${snapshotReadUsd(price).toFixed(9)}`;
  return [
    `, sum(greatest(${seconds} - ${SECONDS_BEFORE_RUN}, 0) * ${each}) as dollars`,
    `, sum(least(${seconds}, ${SECONDS_BEFORE_RUN}) * ${each}${read}) as startDollars`,
  ].join("");
}

/**
 * How long MicroVMs ran, and what they cost at least: no bursts are in it. A launch without a MicroVM has no seconds.
 */
export function costBy(by: Grouping, dollars: string): string[] {
  const seconds = ofLaunch("seconds");
  return [
    `${only(LAUNCH_ENDED)} and ${seconds} > 0`,
    `stats count(*) as launches, sum(${seconds}) / 60 as minutes${dollars} by ${by.map(ofLaunch).join(", ")}`,
    "sort minutes desc",
    "limit 100",
  ];
}

/** How long jobs waited for their runner, and ran. */
export function timesBy(by: Grouping): string[] {
  const [start, run] = [ofJob("startSeconds"), ofJob("runSeconds")];
  const columns = `count(*) as jobs, pct(${start}, 50) as startP50, pct(${start}, 90) as startP90, sum(${run}) / 60 as runMinutes`;
  return [only(JOB_RAN), `stats ${columns} by ${by.map(ofJob).join(", ")}`, "sort runMinutes desc", "limit 100"];
}

const WASTED: readonly LaunchOutcome[] = ["no-runner", "died", "refused", "abandoned"];
const BY: readonly { readonly name: string; readonly by: Grouping }[] = [
  { name: "repository", by: ["repo"] },
  { name: "workflow", by: ["repo", "workflow"] },
  { name: "class", by: ["class"] },
];

/** All queries that the module saves. */
export const SAVED_QUERIES: readonly SavedQuery[] = [
  ...BY.map(
    ({ name, by }): SavedQuery => ({
      ...{ name: `cost by ${name}`, log: "dispatcher" },
      lines: (dollars) => costBy(by, dollars),
    }),
  ),
  ...BY.map(({ name, by }): SavedQuery => ({ name: `times by ${name}`, log: "dispatcher", lines: () => timesBy(by) })),
  {
    ...{ name: "slowest starts", log: "dispatcher" },
    lines: () => [
      `fields @timestamp, ${(["startSeconds", "runSeconds", "repo", "workflow", "class"] as const).map(ofJob).join(", ")}, jobId`,
      only(JOB_RAN),
      `sort ${ofJob("startSeconds")} desc`,
      "limit 20",
    ],
  },
  {
    ...{ name: "why jobs wait", log: "dispatcher" },
    lines: () => [
      only(MESSAGE_WAITING),
      `stats count_distinct(jobId) as jobs, max(${ofWait("ageSeconds")}) as longestSeconds by ${ofWait("reason")}`,
      "sort longestSeconds desc",
    ],
  },
  {
    ...{ name: "wasted launches", log: "dispatcher" },
    lines: () => [
      `${only(LAUNCH_ENDED)} and ${ofLaunch("outcome")} in [${WASTED.map((outcome) => `"${outcome}"`).join(", ")}]`,
      `stats count(*) as launches, sum(${ofLaunch("seconds")}) / 60 as minutes by ${ofLaunch("repo")}, ${ofLaunch("outcome")}`,
      "sort launches desc",
    ],
  },
  {
    ...{ name: "refused jobs", log: "dispatcher" },
    lines: () => [
      only(JOB_REFUSED),
      `stats count(*) as jobs by repo, ${fieldsOf(JOB_REFUSED)("reason")}`,
      "sort jobs desc",
    ],
  },
  {
    ...{ name: "failed deliveries", log: "redeliver" },
    lines: () => [
      only(REDELIVERY_ASKED),
      `stats count(*) as deliveries, max(${ofDelivery("ageSeconds")}) as oldestSeconds by ${ofDelivery("statusCode")}`,
      "sort deliveries desc",
    ],
  },
  {
    ...{ name: "events of jobs", log: "dispatcher" },
    lines: () => [
      "fields @timestamp, jobId, level, event, type, reason, launchId, microvmId, error, message",
      "filter ispresent(jobId)",
      "sort @timestamp desc",
      "limit 1000",
    ],
  },
];

/** The query of that name; throws where there is none. */
export function savedQuery(name: string): SavedQuery {
  const found = SAVED_QUERIES.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no saved query ${name}`);
  return found;
}
