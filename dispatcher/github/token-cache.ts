/** Installation tokens in memory, in the form of `cache` of `@octokit/auth-app`. */
export interface TokenCache {
  /** Empty when there is none that is good for a while yet. */
  get(key: string): string;
  set(key: string, value: string): void;
  /** Forgets a token that GitHub refused. */
  drop(token: string): void;
  /** Whether the token was made so lately that some of GitHub's servers may not know it yet. */
  isFresh(token: string): boolean;
}

/** A token lives for an hour; the last minutes of it are left for the calls that are being made with it. */
const EXPIRY_MARGIN_MS = 5 * 60_000;
/** A token may be unknown to some of GitHub's servers for so long after it was made (`@octokit/auth-app`, README). */
const REPLICATION_MS = 5_000;

/** Keeps tokens until shortly before they expire; `now` is the time by GitHub's clock. */
export function createTokenCache(now: () => Date): TokenCache {
  const entries = new Map<string, { value: string; token: string; madeAtMs: number; usableUntilMs: number }>();
  const forgetExpired = () => {
    const nowMs = now().getTime();
    for (const [key, { usableUntilMs }] of entries) if (usableUntilMs <= nowMs) entries.delete(key);
  };
  return {
    get(key) {
      forgetExpired();
      return entries.get(key)?.value ?? "";
    },
    set(key, value) {
      const [token = "", , expiresAt = ""] = value.split("|");
      const usableUntilMs = Date.parse(expiresAt) - EXPIRY_MARGIN_MS;
      entries.set(key, { value, token, madeAtMs: now().getTime(), usableUntilMs });
    },
    drop(token) {
      for (const [key, entry] of entries) if (entry.token === token) entries.delete(key);
    },
    isFresh(token) {
      const entry = [...entries.values()].find((each) => each.token === token);
      return entry !== undefined && now().getTime() - entry.madeAtMs < REPLICATION_MS;
    },
  };
}
