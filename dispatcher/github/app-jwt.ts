import type { AppKey, Sign } from "../ports.ts";

/** GitHub takes a JWT for ten minutes at most, and advises to date it back for clocks that differ (GitHub Apps, JWT). */
const LIFE_SECONDS = 600;
const BACKDATED_SECONDS = 30;

/** The App's JWT, in the form of `createJwt` of `@octokit/auth-app`: with `timeDifference` it corrects the clock, in seconds. */
export function createAppJwt(sign: Sign) {
  return async (appId: string | number, timeDifference = 0): Promise<{ jwt: string; expiresAt: string }> => {
    const iat = Math.floor(Date.now() / 1_000) + timeDifference - BACKDATED_SECONDS;
    const exp = iat + LIFE_SECONDS;
    const unsigned = `${encode({ alg: "RS256", typ: "JWT" })}.${encode({ iat, exp, iss: String(appId) })}`;
    const signature = Buffer.from(await sign(Buffer.from(unsigned))).toString("base64url");
    return { jwt: `${unsigned}.${signature}`, expiresAt: new Date(exp * 1_000).toISOString() };
  };
}

/** Makes a call with the App's key, and once more when GitHub refuses the key and another has taken its place. */
export async function withAppKey<T>(key: AppKey, call: (sign: Sign) => Promise<T>): Promise<T> {
  const sign = await key.current();
  try {
    return await call(sign);
  } catch (error: unknown) {
    if (!isUnauthorized(error)) throw error;
    const next = await key.renewed(sign);
    if (next === undefined) throw error;
    return call(next);
  }
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof Error && "status" in error && error.status === 401;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
