import { generateKeyPairSync } from "node:crypto";

export interface AppKey {
  /** PKCS#1, as GitHub hands it out. */
  pkcs1: string;
  pkcs8: string;
  publicKey: string;
}

/** A fresh RSA key pair for a GitHub App. */
export function createAppKey(): AppKey {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  return {
    pkcs1: privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
    pkcs8: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
}
