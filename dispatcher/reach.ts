import type { Reach } from "./ports.ts";

const TIMEOUT_MS = 8_000;

/** Asks for the head of a file, following redirects: github.com leads to where its archives are. */
export function reachByHead(fetch: typeof globalThis.fetch = globalThis.fetch): Reach {
  return async (url) => {
    try {
      const { ok, body } = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(TIMEOUT_MS) });
      await body?.cancel();
      return ok;
    } catch {
      return false;
    }
  };
}
