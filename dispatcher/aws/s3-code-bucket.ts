import { createHash } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import { RefusedError, TransientError } from "../errors.ts";
import type { CodeBucket } from "../ports.ts";
import { awsServiceEndpoint } from "./transport/aws-endpoint.ts";
import { type AwsErrorFacts, isThrottle, outcomeUnknown } from "./transport/aws-error.ts";
import { pathSegment } from "./transport/rpc.ts";
import type { SigningCredentials } from "./transport/signed-fetch.ts";

export interface S3CodeBucketOptions {
  region: string;
  bucket: string;
  credentials(): SigningCredentials;
  /** In place of the service's public endpoint. */
  endpoint?: string | undefined;
  fetch?: typeof globalThis.fetch;
}

const TIMEOUT_MS = 10_000;
const ATTEMPTS = 2;

/** One bucket over S3's REST API, in path style: whatever its name, its certificate fits. */
export function createS3CodeBucket(options: S3CodeBucketOptions): CodeBucket {
  const { region, bucket } = options;
  const origin = (options.endpoint ?? awsServiceEndpoint("s3", region)).replace(/\/+$/, "");
  const urlOf = (key: string) => `${origin}/${bucket}/${key.split("/").map(pathSegment).join("/")}`;
  return {
    async get(key) {
      const { status, bytes } = await send(options, "GET", urlOf(key));
      // Who may not list a bucket is told 403 of what is not in it.
      if (status === 404 || status === 403) return undefined;
      if (status !== 200) throw refused(`reading ${key}`, status, bytes);
      return bytes;
    },
    async put(key, body) {
      const { status, bytes } = await send(options, "PUT", urlOf(key), body);
      if (status !== 200) throw refused(`writing ${key}`, status, bytes);
    },
  };
}

async function send(
  { region, credentials, fetch = globalThis.fetch }: S3CodeBucketOptions,
  method: "GET" | "PUT",
  url: string,
  body?: Uint8Array,
): Promise<{ status: number; bytes: Uint8Array }> {
  const content = body === undefined ? undefined : Buffer.from(body);
  for (let attempt = 1; ; attempt++) {
    const signed = await new AwsV4Signer({
      ...{ method, url, ...credentials(), service: "s3", region },
      headers: {
        "x-amz-content-sha256": createHash("sha256")
          .update(content ?? "")
          .digest("hex"),
      },
      ...(content === undefined ? {} : { body: content }),
    }).sign();
    try {
      const response = await fetch(signed.url, {
        method,
        headers: signed.headers,
        ...(content === undefined ? {} : { body: content }),
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const bytes = new Uint8Array(await response.arrayBuffer());
      const { status } = response;
      if (attempt === ATTEMPTS || !isPassing({ status, code: codeOf(bytes) })) return { status, bytes };
    } catch (error: unknown) {
      if (attempt < ATTEMPTS) continue;
      const reason = error instanceof Error ? error.name : "unknown";
      throw new TransientError(`S3 did not answer ${method} (${reason})`);
    }
  }
}

const codeOf = (bytes: Uint8Array): string =>
  /<Code>([A-Za-z.]{1,60})<\/Code>/.exec(new TextDecoder().decode(bytes.subarray(0, 1_000)))?.[1] ?? "no code";

/** By the name too: S3 says RequestTimeout with 400, and Lambda renews credentials that ended. */
const isPassing = (facts: AwsErrorFacts): boolean =>
  isThrottle(facts) || outcomeUnknown(facts) || facts.code === "ExpiredToken";

function refused(what: string, status: number, bytes: Uint8Array): Error {
  const code = codeOf(bytes);
  const message = `${what} failed: S3 answered ${status} (${code})`;
  const details = { status, code };
  return isPassing(details) ? new TransientError(message, { details }) : new RefusedError(message, { details });
}
