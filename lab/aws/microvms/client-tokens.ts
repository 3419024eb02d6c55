import { createHash } from "node:crypto";
import { microvmErrors } from "./errors.ts";

/** Remembers what was answered to a client token (microvm-platform 1.6). */
export interface ClientTokens<Response> {
  /** The original response when the token was used with the same input; throws when the input was another. */
  replay(token: string | undefined, input: Record<string, unknown>): Response | undefined;
  remember(token: string | undefined, input: Record<string, unknown>, response: Response): void;
}

/** Tokens of one operation. They are kept for ever: how long the service keeps them is not documented. */
export function createClientTokens<Response>(): ClientTokens<Response> {
  const used = new Map<string, { fingerprint: string; response: Response }>();
  return {
    replay(token, input) {
      const earlier = token === undefined ? undefined : used.get(token);
      if (earlier === undefined) return undefined;
      if (earlier.fingerprint !== fingerprintOf(input)) {
        throw microvmErrors.validation("The provided clientToken was used with different request parameters.");
      }
      return earlier.response;
    },
    remember(token, input, response) {
      if (token !== undefined) used.set(token, { fingerprint: fingerprintOf(input), response });
    },
  };
}

function fingerprintOf(input: Record<string, unknown>): string {
  return createHash("sha256").update(canonical(input)).digest("hex");
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).filter(([, item]) => item !== undefined && item !== null);
  return `{${entries
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`)
    .join(",")}}`;
}
