import { type Finding, judge, type Known } from "./finding.ts";

/** Quotas of Lambda, by their codes. */
export const QUOTAS = {
  /** Functions that run at once. */
  functions: "L-B99A9384",
  /** Memory of all MicroVMs, in GB. */
  memory: "L-CD1C0CC4",
  /** RunMicrovm calls a second. */
  launches: "L-535CA9B6",
} as const;

export interface QuotaViews {
  functions: Known<number>;
  memory: Known<number>;
  launches: Known<number>;
  /** What each MicroVM is given, in MiB. */
  sizeMib: Known<number>;
  maxConcurrency: number;
  region: string;
}

/** AWS is seen to count a MicroVM with four times its size, which it may burst to (docs/PLATFORM-NOTES.md, quotas). */
const COUNTED_TIMES = 4;
/** Of the jobs that the hourly figures speak of. */
const JOB_MINUTES = 5;
/** With fewer functions at once the webhook and the dispatcher get into each other's way in a burst. */
const ENOUGH_FUNCTIONS = 50;

/** How many jobs at once and an hour the account's quotas allow. */
export function judgeQuotas(views: QuotaViews): Finding[] {
  return [judgeMemory(views), judgeLaunches(views), judgeFunctions(views)];
}

/** How many jobs of such MicroVMs the account's memory allows at once. */
export function judgeMemory(views: Pick<QuotaViews, "memory" | "sizeMib" | "maxConcurrency" | "region">): Finding {
  const { memory, sizeMib, maxConcurrency, region } = views;
  return judge("aws.quota-memory", "Quota: memory", both(memory, sizeMib), ([gb, size]) => {
    const atOnce = jobsAtOnce(gb, size);
    const each = `${size} MiB each, counted at four times the size`;
    if (atOnce === 0) {
      return {
        fail: `${gb} GB are less than one MicroVM: ${each}`,
        fix: `set a smaller runner_memory_mib, or ${more("memory", region, (size * COUNTED_TIMES) / 1_024)}`,
      };
    }
    const bound = maxConcurrency === 0 ? "max_concurrency is not set" : `max_concurrency is ${maxConcurrency}`;
    return { pass: `${gb} GB: ${jobs(atOnce)} at once with ${each}; ${bound}` };
  });
}

function judgeLaunches({ launches, memory, sizeMib }: QuotaViews): Finding {
  return judge("aws.quota-launches", "Quota: launches", launches, (perSecond) => {
    const hourly = Math.floor(perSecond * 3_600);
    const room = both(memory, sizeMib);
    if (!("value" in room)) return { pass: `${perSecond} a second: ${hourly} jobs an hour at most` };
    const byMemory = Math.floor((jobsAtOnce(...room.value) * 60) / JOB_MINUTES);
    const [least, by] = byMemory < hourly ? [byMemory, "as the memory allows"] : [hourly, "as launches allow"];
    return { pass: `${perSecond} a second; ${jobs(least)} of ${JOB_MINUTES} minutes an hour, ${by}` };
  });
}

function judgeFunctions({ functions, region }: QuotaViews): Finding {
  return judge("aws.quota-functions", "Quota: functions", functions, (atOnce) =>
    atOnce >= ENOUGH_FUNCTIONS
      ? { pass: `${atOnce} at once` }
      : {
          skip: `${atOnce} at once, as of a new account: in a burst jobs come late`,
          fix: more("functions", region, 1_000),
        },
  );
}

function jobsAtOnce(gb: number, sizeMib: number): number {
  return Math.floor((gb * 1_024) / (sizeMib * COUNTED_TIMES));
}

function jobs(count: number): string {
  return count === 1 ? "1 job" : `${count} jobs`;
}

function both<A, B>(one: Known<A>, other: Known<B>): Known<readonly [A, B]> {
  if (!("value" in one)) return one;
  return "value" in other ? { value: [one.value, other.value] } : other;
}

function more(quota: keyof typeof QUOTAS, region: string, value: number): string {
  return (
    `aws service-quotas request-service-quota-increase --service-code lambda --quota-code ${QUOTAS[quota]} ` +
    `--desired-value ${value} --region ${region}`
  );
}
