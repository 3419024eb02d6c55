import { verify } from "node:crypto";
import { ApiError } from "./api-error.ts";
import type { App, Apps } from "./apps.ts";

/** GitHub refuses a JWT that lives longer. */
const MAX_LIFE_SECONDS = 600;
/** Clocks differ: GitHub tells Apps to date their JWTs back by this much, and takes as much itself. */
const CLOCK_DRIFT_SECONDS = 60;

/** Whether a credential is meant as a JWT, rather than as a token. */
export function looksLikeJwt(credential: string): boolean {
  return !credential.startsWith("ghs_") && credential.split(".").length === 3;
}

/** The App that signed the JWT; throws what GitHub answers for any other. */
export function verifyAppJwt(jwt: string, apps: Apps, nowMs: number): App {
  const [head = "", body = "", signature = ""] = jwt.split(".");
  const header = decode(head);
  const claims = decode(body);
  if (header?.alg !== "RS256" || claims === undefined) throw undecodable();
  const app = apps.byIssuer(String(claims.iss));
  if (app === undefined) throw new ApiError(404, "Integration not found");
  const signed = Buffer.from(`${head}.${body}`);
  const proof = Buffer.from(signature, "base64url");
  if (!app.publicKeys.some((key) => verify("RSA-SHA256", signed, key, proof))) throw undecodable();
  checkTimes(claims, Math.floor(nowMs / 1_000));
  return app;
}

function checkTimes({ iat, exp }: Record<string, unknown>, now: number): void {
  if (typeof exp !== "number" || !Number.isInteger(exp) || exp <= now) {
    throw new ApiError(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  }
  if (exp > now + MAX_LIFE_SECONDS) {
    throw new ApiError(401, "'Expiration time' claim ('exp') is too far in the future");
  }
  if (typeof iat !== "number" || !Number.isInteger(iat) || iat > now + CLOCK_DRIFT_SECONDS) {
    throw new ApiError(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    );
  }
}

function decode(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function undecodable(): ApiError {
  return new ApiError(401, "A JSON web token could not be decoded");
}
