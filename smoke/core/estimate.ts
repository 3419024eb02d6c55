import { type BaselinePrice, baselineUsd } from "../../contract/baseline.ts";
import prices from "../../microvm/prices.json" with { type: "json" };
import { microvmUsd } from "../../src/docs/print-costs.ts";
import type { JobNote, Journal } from "../journal.ts";
import type { Kind } from "./kinds.ts";

export interface Estimate {
  /** US dollars. */
  usd: number;
  /** The Region whose prices they are. */
  pricesOf: string;
}

/** What the jobs cost at list prices when each takes all the time that it may: the baselines and the snapshots read. */
export function estimate(kinds: readonly Kind[], memoryMib: number, region: string): Estimate {
  const price = priceOf(region);
  const extra = baselineUsd(price.price, memoryMib, 60) / baselineUsd(priceOf(BASE).price, memoryMib, 60);
  const usd = kinds.reduce((sum, { jobs, minutes }) => sum + jobs * microvmUsd(memoryMib, minutes) * extra, 0);
  return { usd, pricesOf: price.region };
}

/** What the MicroVMs that were launched have cost so far, by the same prices. */
export function spent(jobs: readonly JobNote[], memoryMib: number, region: string, now: Date): number {
  const { price } = priceOf(region);
  const snapshot = microvmUsd(memoryMib, 0);
  return jobs
    .flatMap(({ launches }) => launches)
    .reduce((sum, { launchedAt, endedAt }) => {
      const seconds = Math.max(0, ((endedAt ? Date.parse(endedAt) : now.getTime()) - Date.parse(launchedAt)) / 1_000);
      return sum + snapshot + baselineUsd(price, memoryMib, seconds);
    }, 0);
}

/** How many times the estimate a run may cost before it ends by itself. */
const MOST_TIMES = 2;

/** Why the run ends; undefined while it may go on. */
export function overspent(
  { notes, memoryMib, region }: Pick<Journal, "notes" | "memoryMib" | "region">,
  now: Date,
): string | undefined {
  const cost = spent(notes.jobs, memoryMib, region, now);
  const most = MOST_TIMES * (notes.estimate ?? 0);
  return cost > most ? `$${cost.toFixed(2)} are spent, more than $${most.toFixed(2)}: the run ends` : undefined;
}

const BASE = prices.usdPerGigabyte.region;

/** A Region that has no known price is taken for the one that the others are compared with. */
function priceOf(region: string): { price: BaselinePrice; region: string } {
  const known: Readonly<Record<string, BaselinePrice>> = prices.usdPerSecond;
  const own = known[region];
  if (own !== undefined) return { price: own, region };
  const base = known[BASE];
  if (base === undefined) throw new Error(`microvm/prices.json has no usdPerSecond for ${BASE}`);
  return { price: base, region: BASE };
}
