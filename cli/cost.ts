import { launchPriceOf, SECONDS_BEFORE_RUN } from "../contract/launch-cost.ts";
import { functionName } from "../contract/names.ts";
import { costBy, dollarColumns, timesBy } from "../contract/queries.ts";
import { DispatcherError } from "../dispatcher/errors.ts";
import prices from "../microvm/prices.json" with { type: "json" };
import type { AskLogs } from "./aws/logs-insights.ts";
import { type CostRow, costRows, printCost } from "./core/cost-table.ts";
import { UsageError } from "./usage-error.ts";

export interface CostOptions {
  ask: AskLogs;
  prefix: string;
  region: string;
  days: number;
  now(): Date;
}

export interface Cost {
  rows: CostRow[];
  /** Date of the prices; undefined where the Region has none. */
  pricesOf: string | undefined;
  days: number;
  region: string;
}

const FIELDS = ["repo", "workflow", "class"] as const;

/** What MicroVMs cost in the last days, from the dispatcher's log. */
export async function readCost({ ask, prefix, region, days, now }: CostOptions): Promise<Cost> {
  const price = launchPriceOf(prices, region);
  const until = now();
  const asked = {
    ...{ logGroup: `/aws/lambda/${functionName(prefix, "dispatcher")}`, until },
    from: new Date(until.getTime() - days * 24 * 3_600_000),
  };
  try {
    const cost = await ask({ ...asked, lines: costBy(FIELDS, dollarColumns(price)) });
    const times = await ask({ ...asked, lines: timesBy(FIELDS) });
    return { rows: costRows(cost, times), pricesOf: price === undefined ? undefined : prices.date, days, region };
  } catch (error: unknown) {
    throw error instanceof DispatcherError ? new UsageError(error.message) : error;
  }
}

/** A table, and what its dollars are. */
export function describeCost({ rows, pricesOf, days, region }: Cost): string {
  const note =
    pricesOf === undefined
      ? `No price is known for ${region}: minutes only.`
      : `Baselines at the list price of ${region} (${pricesOf}), no bursts or transfer. Start $ is what no job's page ` +
        `counts: the first ${SECONDS_BEFORE_RUN} s${hasReads(region) ? ", and the read of the snapshot" : "; snapshot reads have no price here"}.`;
  return `${printCost(rows, pricesOf !== undefined)}\n\nThe last ${days === 1 ? "day" : `${days} days`}. ${note}`;
}

function hasReads(region: string): boolean {
  return launchPriceOf(prices, region)?.snapshotRead !== undefined;
}

/** The same for programs: fields may be added to it, never renamed. */
export function costDocument({ rows, pricesOf, days, region }: Cost): object {
  return { version: 1, days, region, pricesOf: pricesOf ?? null, rows };
}
