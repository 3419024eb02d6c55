import { constants, createCipheriv, createPrivateKey, createPublicKey, publicEncrypt, randomBytes } from "node:crypto";
import { normalisePem } from "../../dispatcher/github/normalise-pem.ts";

/** Initial value of AES key wrap with padding (RFC 5649). */
const PADDED_WRAP_IV = Buffer.from("A65959A6", "hex");

/**
 * The App's key as KMS takes it by RSA_AES_KEY_WRAP_SHA_256: a fresh AES key under the wrapping key, then the private
 * key, PKCS#8 in DER form, under that (KMS guide, importing key material, encrypting key material).
 */
export function wrapKey(pem: string, wrappingKey: Buffer): Buffer {
  const der = createPrivateKey(normalisePem(pem)).export({ type: "pkcs8", format: "der" });
  const aes = randomBytes(32);
  const cipher = createCipheriv("id-aes256-wrap-pad", aes, PADDED_WRAP_IV);
  const wrapped = Buffer.concat([cipher.update(der), cipher.final()]);
  const under = { key: createPublicKey({ key: wrappingKey, format: "der", type: "spki" }), oaepHash: "sha256" };
  return Buffer.concat([publicEncrypt({ ...under, padding: constants.RSA_PKCS1_OAEP_PADDING }, aes), wrapped]);
}
