export interface UrlReply {
  status: number;
  headers: Record<string, string>;
  cookies: string[];
  body: Buffer;
}

/** Reads a function's result as payload format 2.0 says; undefined when it cannot be understood. */
export function urlReply(payload: string): UrlReply | undefined {
  let result: unknown;
  try {
    result = JSON.parse(payload);
  } catch {
    return undefined;
  }
  // Without a status code the whole result is the body.
  if (typeof result !== "object" || result === null || !("statusCode" in result)) {
    const body = typeof result === "string" ? result : JSON.stringify(result);
    return { status: 200, headers: { "content-type": "application/json" }, cookies: [], body: Buffer.from(body) };
  }
  const given: Record<string, unknown> = { ...result };
  const status = Number(given.statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined;
  const body = given.body ?? "";
  if (typeof body !== "string") return undefined;
  const headers: Record<string, string> = { "content-type": "application/json" };
  for (const [name, value] of Object.entries(given.headers ?? {})) headers[name.toLowerCase()] = String(value);
  return {
    status,
    headers,
    cookies: Array.isArray(given.cookies) ? given.cookies.map(String) : [],
    body: Buffer.from(body, given.isBase64Encoded === true ? "base64" : "utf8"),
  };
}
