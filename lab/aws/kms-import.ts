import { createDecipheriv, createPrivateKey, generateKeyPairSync, type KeyObject, privateDecrypt } from "node:crypto";
import { AwsError } from "./aws-error.ts";
import type { LabClock } from "./clock.ts";

/** A wrapping key is good for 24 hours (KMS guide, importing key material, step 2). */
const LIFE_MS = 86_400_000;
/** Initial value of RFC 5649. */
const PADDED_WRAP_IV = Buffer.from("A65959A6", "hex");

export interface KeyImports {
  /** A public key to wrap with, and the token that goes with it. */
  begin(keyArn: string, wrapping: { algorithm: string; spec: string }): ImportParameters;
  /** The key that was wrapped. */
  finish(keyArn: string, token: string, wrapped: Buffer): KeyObject;
}

export interface ImportParameters {
  token: string;
  publicKey: string;
  validUntil: number;
}

/**
 * Import of key material, with RSA_AES_KEY_WRAP_SHA_256, which KMS recommends for RSA private keys (KMS guide, same
 * place).
 */
export function createKeyImports(clock: LabClock): KeyImports {
  const pending = new Map<string, { token: string; wrapping: KeyObject; until: number }>();
  return {
    begin(keyArn, { algorithm, spec }) {
      if (algorithm !== "RSA_AES_KEY_WRAP_SHA_256" || spec !== "RSA_4096") {
        throw new AwsError(
          "UnsupportedOperationException",
          400,
          `the lab's KMS does not unwrap ${algorithm} of ${spec}`,
        );
      }
      const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 4_096 });
      const until = clock.now() + LIFE_MS;
      const token = Buffer.from(`${keyArn}:${until}`).toString("base64");
      pending.set(keyArn, { token, wrapping: privateKey, until });
      const der = publicKey.export({ type: "spki", format: "der" });
      return { token, publicKey: der.toString("base64"), validUntil: until };
    },
    finish(keyArn, token, wrapped) {
      const found = pending.get(keyArn);
      if (found === undefined || found.token !== token) {
        throw new AwsError("InvalidImportTokenException", 400, "The import token is invalid.");
      }
      if (found.until <= clock.now())
        throw new AwsError("ExpiredImportTokenException", 400, "The import token expired.");
      pending.delete(keyArn);
      return unwrap(found.wrapping, wrapped);
    },
  };
}

function unwrap(wrapping: KeyObject, wrapped: Buffer): KeyObject {
  try {
    const size = (wrapping.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
    const aes = privateDecrypt({ key: wrapping, oaepHash: "sha256" }, wrapped.subarray(0, size));
    const decipher = createDecipheriv("id-aes256-wrap-pad", aes, PADDED_WRAP_IV);
    const der = Buffer.concat([decipher.update(wrapped.subarray(size)), decipher.final()]);
    return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  } catch {
    throw new AwsError("InvalidCiphertextException", 400, "The wrapped key material could not be decrypted.");
  }
}
