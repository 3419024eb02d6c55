import type { GatewayCall } from "../lab/aws/gateway/call-hooks.ts";
import { readAuthorization } from "../lab/aws/gateway/verify-signature.ts";

/** A call as conformance/python/recompute_signatures.py reads it. */
export interface RecordedCall {
  id: number;
  method: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  /** Base64. */
  body: string;
  signedHeaders: readonly string[];
  signature: string;
  service: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

export function recordCall({ id, request, caller }: GatewayCall): RecordedCall {
  const { method, target, headers, body } = request;
  const { signedHeaders, signature, service, region } = readAuthorization(headers.authorization);
  const { accessKeyId, secretAccessKey, sessionToken } = caller;
  return {
    ...{ id, method, url: `http://${headers.host}${target}`, headers, body: body.toString("base64") },
    ...{ signedHeaders, signature, service, region, accessKeyId, secretAccessKey, sessionToken },
  };
}

/** The call with one of the headers that it signed taken away. */
export function withoutHeader(call: RecordedCall, name: string): RecordedCall {
  const headers = Object.fromEntries(Object.entries(call.headers).filter(([header]) => header !== name));
  return { ...call, headers };
}
