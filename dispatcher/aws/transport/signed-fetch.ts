import { setTimeout as sleep } from "node:timers/promises";
import { AwsV4Signer } from "aws4fetch";
import { awsServiceEndpoint } from "./aws-endpoint.ts";
import { AwsError, NO_ANSWER, UNREADABLE } from "./aws-error.ts";
import { readAwsError } from "./read-aws-error.ts";
import { isWorthRepeating, type RetryPolicy, retryCall } from "./retry-call.ts";

export interface SigningCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export interface SignedFetchOptions {
  /** Endpoint prefix and signing name, which are the same for each service used here. */
  service: string;
  region: string;
  /** Asked at each attempt: Lambda may have renewed them. */
  credentials(): SigningCredentials;
  /** In place of the service's public endpoint. */
  endpoint?: string | undefined;
  fetch?: typeof globalThis.fetch;
  /** How long one attempt may take; 10 seconds by default. */
  timeoutMs?: number;
  /** Three attempts within 20 seconds by default. */
  retry?: Partial<RetryPolicy>;
}

export interface AwsCall {
  /** Name of the API operation, for errors. */
  operation: string;
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  body?: unknown;
  /** Parts of the body that no error may repeat. */
  secrets?: readonly string[];
  /** Which errors may be met by sending the same again; {@link isWorthRepeating} by default. */
  isRetryable?(error: AwsError): boolean;
}

/** Sends one call, signed, and returns the answer's JSON; throws an AwsError. */
export type SignedFetch = (call: AwsCall) => Promise<unknown>;

/** Makes calls to one AWS service in one Region. */
export function createSignedFetch(options: SignedFetchOptions): SignedFetch {
  const origin = (options.endpoint ?? awsServiceEndpoint(options.service, options.region)).replace(/\/+$/, "");
  // Derived signing keys, which aws4fetch files by secret, date, Region and service.
  const signing: Signing = { cache: new Map(), offsetMs: 0 };
  const policy: RetryPolicy = {
    maxAttempts: 3,
    budgetMs: 20_000,
    random: Math.random,
    sleep: (ms) => sleep(ms),
    nowMs: () => performance.now(),
    ...options.retry,
  };
  return async (call) => {
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const outcome = await retryCall(policy, call.isRetryable ?? isWorthRepeating, () =>
      attempt(options, signing, `${origin}${call.path}`, call, body),
    );
    if ("value" in outcome) return outcome.value;
    const { error, attempts, mayHaveHappened } = outcome;
    throw new AwsError(error.message, { ...error, code: error.code, status: error.status, attempts, mayHaveHappened });
  };
}

interface Signing {
  cache: Map<string, ArrayBuffer>;
  /** By how much the service's clock is ahead of ours, as far as it matters. */
  offsetMs: number;
}

interface Answer {
  ok: boolean;
  status: number;
  headers: Headers;
  text: string;
}

async function attempt(
  options: SignedFetchOptions,
  signing: Signing,
  url: string,
  call: AwsCall,
  body: string | undefined,
): Promise<{ value: unknown } | { error: AwsError }> {
  const { service, region, fetch = globalThis.fetch, timeoutMs = 10_000 } = options;
  const credentials = options.credentials();
  const signed = await new AwsV4Signer({
    method: call.method,
    url,
    headers: { ...call.headers },
    ...(body === undefined ? {} : { body }),
    ...credentials,
    service,
    region,
    cache: signing.cache,
    ...(signing.offsetMs === 0 ? {} : { datetime: amzDate(Date.now() + signing.offsetMs) }),
  }).sign();
  let response: Answer;
  try {
    response = await send(fetch, signed, body, timeoutMs);
  } catch (error: unknown) {
    return { error: new AwsError(noAnswer(error, timeoutMs), { code: NO_ANSWER, status: 0 }) };
  }
  if (!response.ok) {
    const secrets = [credentials.secretAccessKey, credentials.sessionToken ?? "", ...(call.secrets ?? [])];
    return { error: withClockCorrected(readAwsError(response, secrets), response.headers, signing) };
  }
  return readJson(response);
}

/**
 * The names by which a signature is refused for its time, as the SDK has them, and from how far on that is believed.
 */
const SKEWED =
  /^(?:AccessDeniedException|AuthFailure|InvalidSignatureException|Request(?:Expired|InTheFuture|TimeTooSkewed)|SignatureDoesNotMatch)$/;
const SKEW_MS = 5 * 60_000;

function withClockCorrected(error: AwsError, headers: Headers, signing: Signing): AwsError {
  const offsetMs = Date.parse(headers.get("date") ?? "") - Date.now();
  if (!SKEWED.test(error.code) || !(Math.abs(offsetMs - signing.offsetMs) >= SKEW_MS)) return error;
  signing.offsetMs = offsetMs;
  return new AwsError(error.message, { ...error, code: error.code, status: error.status, clockCorrected: true });
}

function amzDate(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[:-]|\.\d{3}/g, "");
}

// The time limit covers the body too: a server that stops half-way must not hold the function until its own end.
async function send(
  fetch: typeof globalThis.fetch,
  signed: Awaited<ReturnType<AwsV4Signer["sign"]>>,
  body: string | undefined,
  timeoutMs: number,
): Promise<Answer> {
  const response = await fetch(signed.url, {
    method: signed.method,
    headers: signed.headers,
    ...(body === undefined ? {} : { body }),
    // A signature is good for one host; AWS's JSON services never redirect.
    redirect: "error",
    signal: AbortSignal.timeout(timeoutMs),
  });
  return { ok: response.ok, status: response.status, headers: response.headers, text: await response.text() };
}

function readJson({ status, text }: Answer): { value: unknown } | { error: AwsError } {
  try {
    return { value: text === "" ? {} : (JSON.parse(text) as unknown) };
  } catch {
    return { error: new AwsError("the answer is not JSON", { code: UNREADABLE, status }) };
  }
}

// Of a failed fetch only the system's error code is told: it is the one part that cannot quote the request.
function noAnswer(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === "TimeoutError") return `no answer within ${timeoutMs} ms`;
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "unknown";
  return `the connection failed (${code})`;
}
