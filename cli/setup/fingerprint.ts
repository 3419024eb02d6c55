import { createHash, createPublicKey } from "node:crypto";
import { normalisePem } from "../../dispatcher/github/normalise-pem.ts";

/**
 * A private key as GitHub's settings list it (GitHub documentation, managing private keys for GitHub Apps, verifying).
 */
export function fingerprint(pem: string): string {
  const der = createPublicKey(normalisePem(pem)).export({ type: "spki", format: "der" });
  return `SHA256:${createHash("sha256").update(der).digest("base64")}`;
}
