/**
 * What a MicroVM is told when it starts, and how it travels: the dispatcher encodes it into `runHookPayload`, the
 * supervisor decodes it.
 */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import * as v from "valibot";
import { launchId, nonEmpty, runnerClass } from "./values.ts";

/**
 * RunMicrovm accepts 4,096 bytes of `runHookPayload`, whatever its documentation says of 16 KB
 * (docs/PLATFORM-NOTES.md#run-hook-payload).
 */
export const MAX_RUN_PAYLOAD_BYTES = 4_096;

/**
 * What one MicroVM is told when it starts; travels deflated and base64-encoded as `runHookPayload`. It holds nothing
 * that serves twice: a just-in-time runner configuration and a MAC that is good for this launch's finish call.
 */
export const runPayload = v.object({
  version: v.literal(1),
  launchId,
  /**
   * GitHub's `encoded_jit_config`, unwrapped: file name to file text. Base64 within base64 does not compress; the text
   * does, from about 4.2 KB to about 2.2 KB. The supervisor wraps it again.
   */
  jitConfig: v.record(v.string(), v.string()),
  finish: v.object({
    url: v.pipe(v.string(), v.url()),
    expiresAt: v.pipe(v.number(), v.safeInteger()),
    mac: v.string(),
  }),
  /** AWS Region: the guest's environment may lack it. */
  region: nonEmpty,
  maxDurationSeconds: v.pipe(v.number(), v.safeInteger()),
  /** Which kind of runners the job asked for, where a deployment has several. */
  runnerClass: v.optional(runnerClass),
});

export type RunPayload = v.InferOutput<typeof runPayload>;

/** A run payload or a JIT configuration cannot be encoded or decoded; the message never quotes either. */
export class RunPayloadError extends Error {
  override readonly name = "RunPayloadError" as const;
}

/** A valid payload inflates to some 5 KB; 3 KB of deflated zeros would inflate to 3 MB. */
const MAX_INFLATED_BYTES = 65_536;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** Begins a file that is carried as it was found because it is not base64 of UTF-8 text. */
const VERBATIM = "verbatim:";

const jitFiles = v.record(v.string(), v.string());

/** The payload as `runHookPayload`; throws a RunPayloadError when the service would refuse it for its length. */
export function encodeRunPayload(payload: RunPayload): string {
  const problem = problemOf(v.safeParse(runPayload, payload));
  if (problem !== undefined) throw new RunPayloadError(`the run payload is not valid: ${problem}`);
  const text = deflateRawSync(JSON.stringify(payload), { level: 9 }).toString("base64");
  if (text.length > MAX_RUN_PAYLOAD_BYTES) {
    throw new RunPayloadError(
      `the run payload is ${text.length} bytes long, above the ${MAX_RUN_PAYLOAD_BYTES} that RunMicrovm accepts; ` +
        "shorten the runner's labels or its group's name",
    );
  }
  return text;
}

/** The payload that `runHookPayload` holds; throws a RunPayloadError that says what is wrong with it. */
export function decodeRunPayload(text: string): RunPayload {
  if (text === "") throw new RunPayloadError("the run payload is empty; launch the MicroVM with a runHookPayload");
  if (text.length > MAX_RUN_PAYLOAD_BYTES) {
    throw new RunPayloadError(`the run payload is longer than ${MAX_RUN_PAYLOAD_BYTES} bytes`);
  }
  if (!BASE64.test(text)) throw new RunPayloadError("the run payload is not base64");
  let inflated: Buffer;
  try {
    inflated = inflateRawSync(Buffer.from(text, "base64"), { maxOutputLength: MAX_INFLATED_BYTES });
  } catch {
    throw new RunPayloadError(
      `the run payload is not a deflated document of at most ${MAX_INFLATED_BYTES} bytes; send what encodeRunPayload gives`,
    );
  }
  const result = v.safeParse(runPayload, parseJson(inflated, "the run payload"));
  if (!result.success) throw new RunPayloadError(`the run payload is not valid: ${problemOf(result)}`);
  return result.output;
}

/** GitHub's `encoded_jit_config` as file name to file text, the form in which it compresses. */
export function unwrapJitConfig(encodedJitConfig: string): Record<string, string> {
  // .NET, for which it is made, reads base64 with line breaks in it.
  const encoded = encodedJitConfig.replaceAll(/\s/g, "");
  if (!BASE64.test(encoded)) throw new RunPayloadError("the JIT configuration is not base64");
  const document = parseJson(Buffer.from(encoded, "base64"), "the JIT configuration");
  const result = v.safeParse(jitFiles, document);
  if (!result.success || Array.isArray(document)) {
    throw new RunPayloadError("the JIT configuration is not a JSON object of file names and base64 contents");
  }
  return Object.fromEntries(Object.entries(result.output).map(([name, content]) => [name, unwrapFile(content)]));
}

/** The inverse of {@link unwrapJitConfig}: a configuration that holds the same files, byte for byte. */
export function wrapJitConfig(files: Readonly<Record<string, string>>): string {
  const contents = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, wrapFile(text)]));
  return Buffer.from(JSON.stringify(contents)).toString("base64");
}

function unwrapFile(content: string): string {
  const text = Buffer.from(content, "base64").toString("utf8");
  return wrapFile(text) === content ? text : VERBATIM + content;
}

function wrapFile(text: string): string {
  return text.startsWith(VERBATIM) ? text.slice(VERBATIM.length) : Buffer.from(text, "utf8").toString("base64");
}

function parseJson(bytes: Buffer, what: string): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new RunPayloadError(`${what} does not hold JSON`);
  }
}

// Valibot's messages quote what they received, which may be a secret; the fields' names do not.
function problemOf(result: v.SafeParseResult<typeof runPayload>): string | undefined {
  return result.issues?.map((issue) => `${v.getDotPath(issue) ?? "(whole)"} must be ${expectedOf(issue)}`).join("; ");
}

function expectedOf(issue: v.BaseIssue<unknown>): string {
  return issue.expected === null || issue.expected.length > 80 ? "valid" : issue.expected;
}
