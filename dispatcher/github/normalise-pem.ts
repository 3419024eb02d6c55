/**
 * A private key as people have it, in the form that the crypto library reads: with lines indented, blank, ended by CRLF
 * or by the two characters `\n`, in quotes, or the whole file in base64. Text in which there is no key comes back as it
 * is.
 */
export function normalisePem(text: string): string {
  const plain = text.replaceAll("\\r", "").replaceAll("\\n", "\n");
  const [, label = "", body = ""] = /-----BEGIN ([A-Z ]+)-----([\s\S]*?)-----END \1-----/.exec(plain) ?? [];
  const base64 = withoutSpace(body);
  if (label !== "" && BASE64.test(base64)) return printPem(label, base64);
  const file = label === "" ? decoded(text) : "";
  return file.includes("-----BEGIN ") ? normalisePem(file) : text;
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

function printPem(label: string, base64: string): string {
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

function decoded(text: string): string {
  const base64 = withoutSpace(text);
  return BASE64.test(base64) ? Buffer.from(base64, "base64").toString("latin1") : "";
}

function withoutSpace(text: string): string {
  return text.replaceAll(/\s+/g, "");
}
