/** SQS delays a message by at most 15 minutes. */
const MAX_DELAY_SECONDS = 900;

/** Seconds until a failed message is tried again: doubling from 5, at most 5 minutes, the last half of it at random. */
export function backoffSeconds(receiveCount: number, random: number): number {
  const full = Math.min(300, 5 * 2 ** Math.min(receiveCount - 1, 10));
  return Math.round(full / 2 + (full / 2) * random);
}

/** What is spread over more than a minute is spread enough. */
const MAX_JITTER_SECONDS = 60;

/**
 * Seconds until a message that has to wait is looked at again: what was asked for, and up to half as much at random.
 */
export function deferSeconds(seconds: number, random: number): number {
  const jitter = Math.min(seconds / 2, MAX_JITTER_SECONDS) * random;
  return Math.min(MAX_DELAY_SECONDS, Math.max(1, Math.round(seconds + jitter)));
}
