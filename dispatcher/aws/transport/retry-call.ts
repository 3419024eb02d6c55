import { type AwsError, isThrottle, outcomeUnknown } from "./aws-error.ts";

export interface RetryPolicy {
  maxAttempts: number;
  /** No attempt begins later than this after the first. */
  budgetMs: number;
  /** 0 to 1. */
  random(): number;
  sleep(ms: number): Promise<void>;
  nowMs(): number;
}

const BASE_DELAY_MS = 50;
const MAX_DELAY_MS = 2_000;

/** What may be sent again by default: what was not answered, what failed in the service, and what was throttled. */
export function isWorthRepeating(error: AwsError): boolean {
  return outcomeUnknown(error) || isThrottle(error);
}

/**
 * Milliseconds before the next attempt: full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"), and
 * never less than the service asks for.
 */
export function retryDelayMs(attempt: number, random: number, retryAfterSeconds = 0): number {
  const jittered = random * Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** attempt);
  return Math.round(retryAfterSeconds * 1_000 + jittered);
}

/**
 * Calls `send` until it succeeds, fails with something that is not worth repeating, or runs out of attempts or time. It
 * is given the number of the attempt, from 1, and whether an earlier one may have had its effect.
 */
export async function retryCall<T>(
  policy: RetryPolicy,
  isRetryable: (error: AwsError) => boolean,
  send: (attempt: number) => Promise<{ value: T } | { error: AwsError }>,
): Promise<{ value: T } | { error: AwsError; attempts: number; mayHaveHappened: boolean }> {
  const startedAt = policy.nowMs();
  let mayHaveHappened = false;
  for (let attempt = 1; ; attempt++) {
    const outcome = await send(attempt);
    if ("value" in outcome) return outcome;
    const { error } = outcome;
    mayHaveHappened ||= error.mayHaveHappened;
    const delayMs = retryDelayMs(attempt, policy.random(), error.retryAfterSeconds);
    const late = policy.nowMs() + delayMs - startedAt > policy.budgetMs;
    if (attempt >= policy.maxAttempts || late || !(error.clockCorrected || isRetryable(error))) {
      return { error, attempts: attempt, mayHaveHappened };
    }
    await policy.sleep(delayMs);
  }
}
