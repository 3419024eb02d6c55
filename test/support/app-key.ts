import { generateKeyPairSync } from "node:crypto";
import { createPemSigner } from "../../dispatcher/github/pem-signer.ts";
import type { AppKey } from "../../dispatcher/ports.ts";

export interface AppKeyPair {
  /** PKCS#1, as GitHub hands it out. */
  pkcs1: string;
  pkcs8: string;
  publicKey: string;
}

/** A fresh RSA key pair for a GitHub App. */
export function createAppKey(): AppKeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  return {
    pkcs1: privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
    pkcs8: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
}

/** A key that is never replaced. */
export function steadyKey(pem: string): AppKey {
  return { current: async () => createPemSigner(pem, "github_app.private_key"), renewed: async () => undefined };
}
