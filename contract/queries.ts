/**
 * Questions to the functions' logs, in the language of CloudWatch Logs Insights, asked by the commands.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 */
import { type BaselinePrice, baselineUsd } from "./baseline.ts";
import { JOB_RAN, LAUNCH_ENDED } from "./events.ts";

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
