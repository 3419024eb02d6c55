import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { ConfigurationError } from "../errors.ts";
import type { Sign } from "../ports.ts";
import { normalisePem } from "./normalise-pem.ts";

/**
 * Signs with a private key in PEM form, PKCS#1 or PKCS#8, however its text is laid out; throws a ConfigurationError
 * that names `place` for any other.
 */
export function createPemSigner(pem: string, place: string): Sign {
  const key = readKey(pem);
  if (key?.asymmetricKeyType !== "rsa") {
    throw new ConfigurationError(`${place} is not an RSA private key in PEM form; set the App's key`);
  }
  return async (data) => sign("sha256", data, key);
}

// The crypto library's own words help nobody.
function readKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(normalisePem(pem));
  } catch {
    return undefined;
  }
}
