import { baselineUsd, baselineVcpus } from "../../contract/baseline.ts";
import { SNAPSHOT_GB } from "../../contract/launch-cost.ts";
import prices from "../../microvm/prices.json" with { type: "json" };
import githubHosted from "./github-hosted-prices.json" with { type: "json" };

const { region, snapshotRead, storedHour } = prices.usdPerGigabyte;
const price = Object.entries(prices.usdPerSecond).find(([name]) => name === region)?.[1];
/** Billed before a job's first step, as schuettc/cdk-github-microvm-runners found it. */
const START_SECONDS = 30;
const HOURS_A_MONTH = 730;

const JOB_MINUTES = [0.5, 1, 5, 20, 60];
const MONTH = { jobs: 10_000, minutes: 5 };
/** MicroVMs beside the GitHub-hosted arm64 runner with as many cores as their baseline. */
const PAIRS = [
  { memoryMib: 4_096, hosted: "linux_2_core_arm" },
  { memoryMib: 8_192, hosted: "linux_4_core_arm" },
] as const;

/**
 * What a job of that length costs at list prices, in US dollars: its MicroVM's baseline and the snapshot read at its
 * launch.
 */
export function microvmUsd(memoryMib: number, minutes: number): number {
  if (price === undefined) throw new Error(`microvm/prices.json has no usdPerSecond for ${region}`);
  return baselineUsd(price, memoryMib, minutes * 60 + START_SECONDS) + SNAPSHOT_GB.memory * snapshotRead;
}

/** What GitHub bills for it: whole minutes. */
export function hostedUsd(sku: keyof typeof githubHosted.usdPerMinute, minutes: number): number {
  return Math.ceil(minutes) * githubHosted.usdPerMinute[sku];
}

/** A stored version of the image, a month. */
export function storedMonthUsd(): number {
  return (SNAPSHOT_GB.memory + SNAPSHOT_GB.code) * storedHour * HOURS_A_MONTH;
}

/** The cost model as Markdown, every figure computed from the price files. */
export function printCosts(): string {
  const headings = PAIRS.flatMap(({ memoryMib, hosted }) => [
    `${memoryMib} MiB, ${baselineVcpus(memoryMib)} vCPU`,
    `\`${hosted}\``,
  ]);
  const row = (label: string, usd: readonly string[]) => `| ${[label, ...usd].join(" | ")} |`;
  const rows = JOB_MINUTES.map((minutes) =>
    row(
      minutes < 1 ? `${minutes * 60} s` : `${minutes} min`,
      pairUsd(minutes).map((usd) => `$${usd.toFixed(4)}`),
    ),
  );
  const month = row(
    `${MONTH.jobs.toLocaleString("en-US")} jobs of ${MONTH.minutes} min`,
    pairUsd(MONTH.minutes).map((usd) => `$${(MONTH.jobs * usd).toFixed(0)}`),
  );
  return [
    `A job pays for its MicroVM's baseline by the second, from ${START_SECONDS} s before its first step, and for the snapshot read at its`,
    "launch. CPU and memory used above the baseline, up to four times of it, are billed on top. At list prices:",
    "",
    row("Job", headings),
    `| --- |${" ---: |".repeat(headings.length)}`,
    ...rows,
    month,
    "",
    `- MicroVMs: ${region}, ${prices.source}.`,
    `- GitHub-hosted, billed in whole minutes: ${githubHosted.source}, read on ${githubHosted.date}.`,
    `- ${START_SECONDS} s: schuettc/cdk-github-microvm-runners. Snapshot, ${SNAPSHOT_GB.memory} GB of memory and ${SNAPSHOT_GB.code} GB of code:`,
    "  aws-samples/sample-autonomous-cloud-coding-agents. Whether more than the memory is billed as read, only an account can show.",
    "",
    `A stored version of such an image costs $${storedMonthUsd().toFixed(2)} a month. Not in these figures: the functions, queue, table and logs, which are`,
    "billed by use; transfer out of AWS; and what GitHub gives for free, above all its standard runners for public repositories.",
  ].join("\n");
}

function pairUsd(minutes: number): number[] {
  return PAIRS.flatMap(({ memoryMib, hosted }) => [microvmUsd(memoryMib, minutes), hostedUsd(hosted, minutes)]);
}
