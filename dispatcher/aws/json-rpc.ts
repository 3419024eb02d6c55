import type { AwsCall, SignedFetch } from "./signed-fetch.ts";

/** Calls operations of a service that speaks AWS JSON: everything is a POST to `/`, named by a header. */
export type JsonRpc = (operation: string, input: object, isRetryable?: AwsCall["isRetryable"]) => Promise<unknown>;

/** Speaks AWS JSON over a signed fetch; `target` is the service's prefix of `x-amz-target`. */
export function createJsonRpc(fetch: SignedFetch, target: string, version: "1.0" | "1.1"): JsonRpc {
  return (operation, input, isRetryable) =>
    fetch({
      operation,
      method: "POST",
      path: "/",
      headers: { "content-type": `application/x-amz-json-${version}`, "x-amz-target": `${target}.${operation}` },
      body: input,
      ...(isRetryable === undefined ? {} : { isRetryable }),
    });
}
