import { createSign } from "node:crypto";

/** A JWT with these claims, signed whether they make sense or not. */
export function signJwt(claims: object, privateKey: string, header: object = { alg: "RS256", typ: "JWT" }): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${createSign("RSA-SHA256").update(text).sign(privateKey, "base64url")}`;
}
