import type { AccessRequest, Caller } from "../iam/iam.ts";
import type { RawRequest } from "./verify-signature.ts";

export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** Form in which a service answers errors. */
export type Protocol = "json" | "query-json" | "rest-json" | "rest-xml";

export interface CallContext {
  caller: Caller;
  operation: string;
  authorize(request: AccessRequest): Promise<void>;
}

/** One service behind the gateway. */
export interface Service {
  protocol: Protocol;
  /** Which operation a request asks for; throws an AwsError when the service has none such. */
  operationOf(request: RawRequest): string;
  /** Authorises the call, then carries it out. */
  perform(request: RawRequest, context: CallContext): Promise<Reply>;
}

/** A JSON answer. */
export function jsonReply(status: number, body: unknown, contentType = "application/json"): Reply {
  return { status, headers: { "content-type": contentType }, body: Buffer.from(JSON.stringify(body)) };
}

/** Parses a JSON request body; anything else is an empty document, which the services refuse member by member. */
export function jsonBody(request: RawRequest): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(request.body.toString("utf8") || "{}");
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

/** A string member of a request; empty when it is absent or no string. */
export function stringMember(body: Record<string, unknown>, name: string): string {
  const value = body[name];
  return typeof value === "string" ? value : "";
}

/** How a call ends whose effect is done and whose answer never arrives: the connection is closed. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}
