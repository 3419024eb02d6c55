import { createHmac } from "node:crypto";
import type { LambdaFunctionURLEvent } from "aws-lambda";

/** A function URL request as Lambda hands it to a function (payload format 2.0). */
export function functionUrlEvent(request: {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string;
  base64?: boolean;
}): LambdaFunctionURLEvent {
  const { method = "POST", path = "/", headers = {}, body = "", base64 = false } = request;
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: "",
    headers,
    requestContext: {
      accountId: "anonymous",
      apiId: "id",
      domainName: "id.lambda-url.eu-west-1.on.aws",
      domainPrefix: "id",
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "GitHub-Hookshot/1" },
      requestId: "r",
      routeKey: "$default",
      stage: "$default",
      time: "01/Jan/2026:12:00:00 +0000",
      timeEpoch: 1_767_268_800_000,
    },
    body: base64 ? Buffer.from(body).toString("base64") : body,
    isBase64Encoded: base64,
  };
}

/** The headers of a GitHub delivery, signed with `secret`. */
export function deliveryHeaders(body: string, secret: string, event = "workflow_job"): Record<string, string> {
  return {
    "content-type": "application/json",
    "x-github-event": event,
    "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
  };
}
