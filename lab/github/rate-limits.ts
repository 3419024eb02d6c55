import { ApiError } from "./api-error.ts";

export interface RateLimit {
  limit: number;
  used: number;
  remaining: number;
  /** Unix time in seconds. */
  reset: number;
}

export interface SecondaryLimit {
  /** How many calls are refused; default 1. */
  times?: number;
  retryAfterSeconds?: number;
  status?: 403 | 429;
}

/**
 * GitHub's limits: so many calls an hour for each installation and for each App, and secondary ones that come
 * unannounced.
 */
export interface RateLimits {
  /** Counts a call; throws when it is refused. */
  count(principal: string): void;
  view(principal: string): RateLimit;
  /** Uses up what is left of everybody's hour, so that calls are refused until `forSeconds` have passed. */
  exhaust(forSeconds: number, status?: 403 | 429): void;
  secondary(limit?: SecondaryLimit): void;
  /** Off on GitHub Enterprise Server, as it is there by default. */
  enabled: boolean;
}

const HOUR_SECONDS = 3_600;

/** Limits by `limit` calls an hour. */
export function createRateLimits(limit: number, enabled: boolean, now: () => number): RateLimits {
  const windows = new Map<string, { used: number; reset: number }>();
  let exhausted = { until: 0, status: 403 };
  let secondary: Required<SecondaryLimit> = { times: 0, retryAfterSeconds: 60, status: 403 };
  const seconds = () => Math.floor(now() / 1_000);
  const windowOf = (principal: string) => {
    const known = windows.get(principal);
    if (known !== undefined && known.reset > seconds()) return known;
    const fresh = { used: 0, reset: seconds() + HOUR_SECONDS };
    windows.set(principal, fresh);
    return fresh;
  };
  const view = (principal: string): RateLimit => {
    if (exhausted.until > seconds()) return { limit, used: limit, remaining: 0, reset: exhausted.until };
    const { used, reset } = windowOf(principal);
    return { limit, used, remaining: Math.max(0, limit - used), reset };
  };
  return {
    enabled,
    count(principal) {
      if (secondary.times > 0) {
        secondary.times -= 1;
        throw new ApiError(
          secondary.status,
          "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
          { headers: { "retry-after": String(secondary.retryAfterSeconds) } },
        );
      }
      if (!enabled) return;
      if (view(principal).remaining === 0) {
        throw new ApiError(
          exhausted.until > seconds() ? exhausted.status : 403,
          `API rate limit exceeded for ${principal}.`,
        );
      }
      windowOf(principal).used += 1;
    },
    view,
    exhaust(forSeconds, status = 403) {
      exhausted = { until: seconds() + forSeconds, status };
    },
    secondary(limit = {}) {
      secondary = { times: 1, retryAfterSeconds: 60, status: 403, ...limit };
    },
  };
}
