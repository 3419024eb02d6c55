/**
 * Questions to the functions' logs, in the language of CloudWatch Logs Insights: saved by the module, and asked by the commands.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 */
import { type BaselinePrice, baselineUsd } from "./baseline.ts";
import { JOB_EXHAUSTED, JOB_RAN, JOB_RELAUNCHED, LAUNCH_ENDED, MESSAGE_WAITING, REDELIVERY_ASKED } from "./events.ts";

export interface LogQuery {
  /** Behind `name_prefix` and a slash. */
  readonly name: string;
  readonly logs: readonly ("dispatcher" | "redeliver")[];
  /** One command a line. */
  readonly lines: readonly string[];
}

const only = (...events: readonly { readonly name: string }[]) =>
  `filter event in [${events.map(({ name }) => `"${name}"`).join(", ")}]`;

/** What a MiB costs for a second. */
export function usdPerMibSecond(price: BaselinePrice): number {
  return baselineUsd(price, 1, 1);
}

/** How long MicroVMs ran, by one or several fields, and with a price what their baseline cost: at least, for no bursts are in it. */
export function costBy(fields: readonly ("repo" | "workflow" | "class")[], price: BaselinePrice | undefined): string[] {
  const dollars =
    price === undefined ? "" : `, sum(seconds * memoryMib * ${usdPerMibSecond(price).toFixed(15)}) as dollars`;
  return [
    only(LAUNCH_ENDED),
    `stats count(*) as launches, sum(seconds) / 60 as minutes${dollars} by ${fields.join(", ")}`,
    "sort minutes desc",
    "limit 100",
  ];
}

/** How long jobs waited for their runner, and ran. */
export function timesBy(fields: readonly ("repo" | "workflow" | "class")[]): string[] {
  return [
    only(JOB_RAN),
    `stats count(*) as jobs, pct(startSeconds, 50) as startP50, pct(startSeconds, 90) as startP90, sum(runSeconds) / 60 as runMinutes by ${fields.join(", ")}`,
    "sort runMinutes desc",
    "limit 100",
  ];
}

/** The questions that need no price. */
export const QUERIES: readonly LogQuery[] = [
  { name: "times by repository", logs: ["dispatcher"], lines: timesBy(["repo"]) },
  {
    name: "slowest starts",
    logs: ["dispatcher"],
    lines: [
      "fields @timestamp, repo, workflow, class, jobId, startSeconds",
      only(JOB_RAN),
      "sort startSeconds desc",
      "limit 50",
    ],
  },
  {
    name: "why jobs wait",
    logs: ["dispatcher"],
    lines: [
      only(MESSAGE_WAITING),
      "stats count(*) as lines, max(ageSeconds) as longestSeconds by reason",
      "sort longestSeconds desc",
    ],
  },
  {
    name: "failed deliveries",
    logs: ["redeliver"],
    lines: [only(REDELIVERY_ASKED), "stats count(*) as asked, max(ageSeconds) as longestSeconds by statusCode"],
  },
  {
    name: "wasted launches",
    logs: ["dispatcher"],
    lines: [
      "fields @timestamp, jobId, reason, launches, wasted",
      only(JOB_RELAUNCHED, JOB_EXHAUSTED),
      "sort @timestamp desc",
      "limit 50",
    ],
  },
  {
    name: "refused jobs",
    logs: ["dispatcher"],
    lines: [
      "fields @timestamp, repo, jobId, reason",
      'filter event = "job.refused"',
      "sort @timestamp desc",
      "limit 50",
    ],
  },
];
