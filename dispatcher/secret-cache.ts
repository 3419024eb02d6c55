import type { Clock } from "./ports.ts";

/** A secret kept in memory for a while, so that a rotation needs no deployment. */
export interface CachedSecret<T> {
  get(): Promise<T>;
  /**
   * Reads it anew; undefined when that was done less than {@link MIN_REFRESH_MS} ago, so that nobody can make us hammer
   * SSM.
   */
  refresh(): Promise<T | undefined>;
}

const MAX_AGE_MS = 5 * 60_000;
const MIN_REFRESH_MS = 30_000;

/**
 * Caches what `read` returns for five minutes; concurrent readers share one call, and a failed call is not remembered.
 */
export function cacheSecret<T>(clock: Clock, read: () => Promise<T>): CachedSecret<T> {
  let cached: { readAt: number; value: Promise<T> } | undefined;
  const readNow = (): Promise<T> => {
    const entry = { readAt: clock.now().getTime(), value: read() };
    cached = entry;
    entry.value.catch(() => {
      if (cached === entry) cached = undefined;
    });
    return entry.value;
  };
  const age = () => (cached ? clock.now().getTime() - cached.readAt : Number.POSITIVE_INFINITY);
  return {
    get: () => (cached && age() < MAX_AGE_MS ? cached.value : readNow()),
    refresh: async () => (age() < MIN_REFRESH_MS ? undefined : readNow()),
  };
}
