import type { LabClock } from "../clock.ts";
import { microvmErrors } from "./errors.ts";

export interface Rate {
  perSecond: number;
  burst: number;
  quotaCode?: string;
}

/** Rates and bursts of an account (microvm-platform 3.1); List has no entry there and throttles all the same (1.3). */
export const DEFAULT_RATES: Readonly<Record<string, Rate>> = {
  RunMicrovm: { perSecond: 5, burst: 5, quotaCode: "L-535CA9B6" },
  SuspendMicrovm: { perSecond: 2, burst: 2, quotaCode: "L-90045317" },
  ResumeMicrovm: { perSecond: 5, burst: 5, quotaCode: "L-118C44B3" },
  TerminateMicrovm: { perSecond: 10, burst: 10, quotaCode: "L-74787B8A" },
  GetMicrovm: { perSecond: 100, burst: 100 },
  CreateMicrovmAuthToken: { perSecond: 50, burst: 50, quotaCode: "L-7712260B" },
  CreateMicrovmShellAuthToken: { perSecond: 5, burst: 5 },
  ListMicrovms: { perSecond: 1, burst: 2 },
};

/** Throws a ThrottlingException for a call above the operation's rate. */
export type RateLimiter = (operation: string) => void;

/** Token buckets, one per operation; operations without a rate are not limited. */
export function createRateLimiter(clock: LabClock, rates: Readonly<Record<string, Rate>>): RateLimiter {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (operation) => {
    const rate = rates[operation];
    if (rate === undefined) return;
    const now = clock.now();
    const bucket = buckets.get(operation) ?? { tokens: rate.burst, at: now };
    const tokens = Math.min(rate.burst, bucket.tokens + ((now - bucket.at) / 1_000) * rate.perSecond);
    buckets.set(operation, { tokens: tokens < 1 ? tokens : tokens - 1, at: now });
    if (tokens < 1) throw microvmErrors.throttling(rate.quotaCode);
  };
}
