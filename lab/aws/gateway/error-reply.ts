import { randomUUID } from "node:crypto";
import type { AwsError } from "../aws-error.ts";
import type { Protocol, Reply } from "./service.ts";

/** Puts an error on the wire as the service's protocol does. */
export function errorReply(protocol: Protocol, error: AwsError): Reply {
  const requestId = randomUUID();
  if (error.headers["content-type"] === "text/html") {
    return { status: error.statusCode, headers: error.headers, body: Buffer.from(error.message) };
  }
  if (protocol === "rest-xml") return xmlReply(error, requestId);
  const headers: Record<string, string> = { ...error.headers, "x-amzn-requestid": requestId };
  const body: Record<string, unknown> = { ...error.members, message: error.message };
  if (protocol === "rest-json") {
    headers["content-type"] = "application/json";
    headers["x-amzn-errortype"] = error.code;
  } else {
    headers["content-type"] = protocol === "json" ? "application/x-amz-json-1.1" : "application/x-amz-json-1.0";
    body.__type = protocol === "query-json" ? `com.amazonaws.sqs#${error.code}` : error.code;
    // SQS says in this header what its older query protocol would have answered.
    if (protocol === "query-json") headers["x-amzn-query-error"] = `${error.code.replace(/Exception$/, "")};Sender`;
  }
  return { status: error.statusCode, headers, body: Buffer.from(JSON.stringify(body)) };
}

function xmlReply(error: AwsError, requestId: string): Reply {
  const escapeXml = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  // S3 has names of its own for the errors that all services share.
  const code =
    { AccessDeniedException: "AccessDenied", InvalidSignatureException: "SignatureDoesNotMatch" }[error.code] ??
    error.code;
  return {
    status: error.statusCode,
    headers: { ...error.headers, "content-type": "application/xml", "x-amz-request-id": requestId },
    body: Buffer.from(
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${escapeXml(error.message)}</Message><RequestId>${requestId}</RequestId></Error>`,
    ),
  };
}
