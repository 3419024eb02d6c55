import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Whether `signature` (`sha256=<hexadecimal>`, as in `X-Hub-Signature-256`) is the HMAC of the raw body under one of
 * the secrets. Takes the same time whatever the difference is, and tries every secret.
 */
export function isSigned(body: Uint8Array, signature: string, secrets: readonly string[]): boolean {
  const given = /^sha256=([0-9a-f]{64})$/i.exec(signature)?.[1];
  if (given === undefined) return false;
  return matchesAny(
    given,
    secrets.map((secret) => createHmac("sha256", secret).update(body).digest()),
  );
}

/** The MAC that lets a MicroVM report the end of one launch, and nothing else, until `expiresAt` (Unix seconds). */
export function finishMac(secret: string, launchId: string, expiresAt: number): string {
  return finishDigest(secret, launchId, expiresAt).toString("hex");
}

/** Whether a finish call's MAC was made with one of the secrets. */
export function isFinishMac(
  call: { launchId: string; expiresAt: number; mac: string },
  secrets: readonly string[],
): boolean {
  return matchesAny(
    call.mac,
    secrets.map((secret) => finishDigest(secret, call.launchId, call.expiresAt)),
  );
}

// The key is derived, so that no finish call can ever pass for a webhook signature or the other way round.
function finishDigest(secret: string, launchId: string, expiresAt: number): Buffer {
  const key = createHmac("sha256", secret).update("finish-call").digest();
  return createHmac("sha256", key).update(`${launchId}.${expiresAt}`).digest();
}

function matchesAny(givenHex: string, expected: readonly Buffer[]): boolean {
  const given = Buffer.from(givenHex, "hex");
  return expected.filter((mac) => mac.length === given.length && timingSafeEqual(mac, given)).length > 0;
}
