/** What a launch costs that no job's page tells, because the supervisor does not see it. */
import { type BaselinePrice, baselineUsd } from "./baseline.ts";

/** An image of 2048 MiB that aws-samples/sample-autonomous-cloud-coding-agents looked at, in gigabytes. */
export const SNAPSHOT_GB = { memory: 1.22, code: 2.34 };

/** From RunMicrovm to `/run`: the least that aws-samples/sample-autonomous-cloud-coding-agents saw, of up to 12. */
export const SECONDS_BEFORE_RUN = 6;

/** What is known of a Region's prices. */
export interface LaunchPrice {
  readonly baseline: BaselinePrice;
  /** US dollars for a gigabyte of snapshot that is read. */
  readonly snapshotRead: number | undefined;
}

/** The shape of `microvm/prices.json`. */
export interface Prices {
  readonly usdPerGigabyte: { readonly region: string; readonly snapshotRead: number };
  readonly usdPerSecond: Readonly<Record<string, BaselinePrice>>;
}

/** The prices of a Region; undefined where none is known. */
export function launchPriceOf({ usdPerGigabyte, usdPerSecond }: Prices, region: string): LaunchPrice | undefined {
  const baseline = Object.entries(usdPerSecond).find(([name]) => name === region)?.[1];
  const snapshotRead = usdPerGigabyte.region === region ? usdPerGigabyte.snapshotRead : undefined;
  return baseline && { baseline, snapshotRead };
}

/** What a MiB costs for a second. */
export function usdPerMibSecond({ baseline }: Pick<LaunchPrice, "baseline">): number {
  return baselineUsd(baseline, 1, 1);
}

/** What the read of the snapshot costs at a launch. */
export function snapshotReadUsd({ snapshotRead = 0 }: Pick<LaunchPrice, "snapshotRead">): number {
  return SNAPSHOT_GB.memory * snapshotRead;
}
