import type { Sign } from "../ports.ts";

/**
 * GitHub takes a JWT for ten minutes at most, and advises to date it back for clocks that differ (GitHub Apps, JWT).
 */
const LIFE_SECONDS = 600;
const BACKDATED_SECONDS = 30;

/** The App's JWT, in the form of `createJwt` of `@octokit/auth-app`; `now` is the time by GitHub's clock. */
export function createAppJwt(sign: Sign, now: () => Date) {
  return async (appId: string | number): Promise<{ jwt: string; expiresAt: string }> => {
    const iat = Math.floor(now().getTime() / 1_000) - BACKDATED_SECONDS;
    const exp = iat + LIFE_SECONDS;
    const unsigned = `${encode({ alg: "RS256", typ: "JWT" })}.${encode({ iat, exp, iss: String(appId) })}`;
    const signature = Buffer.from(await sign(Buffer.from(unsigned))).toString("base64url");
    return { jwt: `${unsigned}.${signature}`, expiresAt: new Date(exp * 1_000).toISOString() };
  };
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
