import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Builds the event of payload format 2.0 that a function URL hands to its function. */
export function urlEvent(
  request: IncomingMessage,
  body: Buffer,
  at: { urlId: string; accountId: string; domain: string; now: number },
): Record<string, unknown> {
  const [path = "/", query = ""] = (request.url ?? "/").split("?");
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || name === "cookie" || name === "connection") continue;
    headers[name] = Array.isArray(value) ? value.join(",") : value;
  }
  const sourceIp = request.socket.remoteAddress ?? "127.0.0.1";
  headers["x-forwarded-for"] = sourceIp;
  headers["x-forwarded-port"] = "443";
  headers["x-forwarded-proto"] = "https";
  const parameters = Object.fromEntries(
    [...new Set(new URLSearchParams(query).keys())].map((name) => [
      name,
      new URLSearchParams(query).getAll(name).join(","),
    ]),
  );
  const cookies = request.headers.cookie?.split("; ");
  const text = isText(headers["content-type"]);
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: decodeURIComponent(path),
    rawQueryString: query,
    ...(cookies === undefined ? {} : { cookies }),
    headers,
    ...(query === "" ? {} : { queryStringParameters: parameters }),
    requestContext: {
      accountId: "anonymous",
      apiId: at.urlId,
      domainName: at.domain,
      domainPrefix: at.urlId,
      http: {
        method: request.method ?? "GET",
        path: decodeURIComponent(path),
        protocol: "HTTP/1.1",
        sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey: "$default",
      stage: "$default",
      time: new Date(at.now).toUTCString(),
      timeEpoch: at.now,
    },
    ...(body.length === 0 ? {} : { body: body.toString(text ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !text,
  };
}

// A body of any other type, a form among them, reaches the function in base64.
function isText(contentType: string | undefined): boolean {
  return /^(text\/|application\/([\w.-]+\+)?(json|xml)\b|application\/javascript\b)/i.test(contentType ?? "");
}
