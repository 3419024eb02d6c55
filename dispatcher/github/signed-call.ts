import type { AppKey } from "../ports.ts";
import { createAppJwt } from "./app-jwt.ts";
import type { ClockOffset } from "./clock-offset.ts";
import { GitHubFailure } from "./github-error.ts";

export type CreateJwt = ReturnType<typeof createAppJwt>;

/**
 * Makes calls signed by the App, and each again when GitHub's clock or a new key of the App was the reason of its
 * refusal.
 */
export function createSigned(key: AppKey, offset: ClockOffset) {
  return async function signed<T>(call: (createJwt: CreateJwt) => Promise<T>): Promise<T> {
    let sign = await key.current();
    for (let renewed = false, corrected = false; ; ) {
      const assumed = offset.seconds();
      try {
        return await call(createAppJwt(sign, offset.now));
      } catch (error: unknown) {
        if (!(error instanceof GitHubFailure) || error.status !== 401) throw error;
        if (!corrected && offset.correct(assumed, error.headers)) {
          corrected = true;
          continue;
        }
        const next = renewed ? undefined : await key.renewed(sign);
        if (next === undefined) throw error;
        renewed = true;
        sign = next;
      }
    }
  };
}
