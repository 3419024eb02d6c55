/**
 * Every form in which a log could hold the secret: as it is, within JSON, URL-encoded, hexadecimal, in base64 at any
 * offset, once or twice over.
 */
export function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const once = inBase64(bytes);
  const base64 = [...once, ...once.flatMap((text) => inBase64(Buffer.from(text)))];
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    new URLSearchParams({ "": secret }).toString().slice(1),
    bytes.toString("hex"),
    ...base64,
    ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
    ...base64.map(encodeURIComponent),
  ];
}

function inBase64(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => base64At(bytes, offset));
}

// What of the secret's base64 does not depend on what stands around it.
function base64At(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
  const first = Math.ceil((offset * 8) / 6);
  const last = Math.floor(((offset + bytes.length) * 8) / 6);
  return text.slice(first, last);
}

/** The names of those secrets of which the text holds a form. */
export function leaksIn(text: string, secrets: ReadonlyMap<string, string>): string[] {
  return [...secrets].filter(([, secret]) => formsOf(secret).some((form) => text.includes(form))).map(([name]) => name);
}
