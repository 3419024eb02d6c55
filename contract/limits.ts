/** Numeric bounds that a function's schema and the module's validation both know. */

/** Whole numbers from `low` to `high`. Only this file makes one, so that a bound cannot be restated beside it. */
class Limit {
  /** Makes an object of the same members no Limit. */
  protected readonly stated = true;
  readonly low: number;
  readonly high: number;

  constructor(low: number, high: number) {
    this.low = low;
    this.high = high;
  }

  /** As messages say it: `from 60 to 28800`. */
  toString(): string {
    return `from ${this.low} to ${this.high}`;
  }
}

export type { Limit };

// So marked, a bundle that reads no bound has none of them.
/* @__NO_SIDE_EFFECTS__ */
function limit(low: number, high: number): Limit {
  return new Limit(low, high);
}

export const LIMITS = {
  /** AWS Lambda, CreateFunction: `MemorySize`, in megabytes. */
  dispatcherMemorySize: limit(128, 10_240),
  /** In seconds: a launch makes several calls, and Lambda ends a function after 900. */
  dispatcherTimeout: limit(10, 900),
  /**
   * Invocations of the dispatcher at once: what an event source mapping takes (AWS Lambda, maximum concurrency of SQS).
   */
  dispatcherConcurrency: limit(2, 1_000),
  /**
   * How many built versions of the image are kept; the service builds no image that has 50 versions, failed ones
   * included.
   */
  imageVersionsKept: limit(1, 40),
  /** MiB that an image gives its MicroVMs: its input knows the sizes. */
  imageMemoryMib: limit(512, 8_192),
  /** MicroVMs at once; 0: as many as the account's quota allows. */
  maxConcurrency: limit(0, 2_000),
  /** MicroVMs of one repository at once; 0: as many as all may have. */
  maxConcurrencyPerRepository: limit(0, 2_000),
  /** RunMicrovm's `maximumDurationInSeconds`: at most 8 hours, the longest life of a MicroVM. */
  maxDurationSeconds: limit(60, 28_800),
  /** Minutes that jobs wait until somebody is woken; GitHub keeps them queued for 24 hours. */
  alarmWaitMinutes: limit(10, 600),
  /** Days after which an image is built again; 0, which is below, stands for never. */
  imageMaxAgeDays: limit(7, 180),
  /** Hours of a day. */
  hourUtc: limit(0, 23),
  /** Days that a release of the runner is seen before it is taken: GitHub gives 30 to take it. */
  runnerSoakDays: limit(0, 7),
  /** GitHub's ids of runner groups are 32-bit integers. */
  runnerGroupId: limit(1, 2_147_483_647),
  /** Generations of the webhook's secret. */
  webhookSecretGeneration: limit(1, 1_000_000),
} as const;
