import * as v from "valibot";
import type { RunPayload } from "../../../contract/run-payload.ts";
import { decodeRunPayload } from "../../../contract/run-payload.ts";

/**
 * What the platform sends with `/run`: our payload is an opaque string inside its envelope, absent when there is none.
 */
const envelope = v.object({
  microvmId: v.optional(v.pipe(v.string(), v.maxLength(256)), ""),
  runHookPayload: v.optional(v.string(), ""),
});

export interface RunRequest {
  microvmId: string;
  payload: RunPayload;
}

/** The body of `/run`; throws an Error that says what is wrong with it and quotes none of it. */
export function parseRunRequest(body: string): RunRequest {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    throw new Error(`the body of ${body.length} characters is not JSON`);
  }
  const parsed = v.safeParse(envelope, document);
  if (!parsed.success) throw new Error("the body is not an object with microvmId and runHookPayload as strings");
  return { microvmId: parsed.output.microvmId, payload: decodeRunPayload(parsed.output.runHookPayload) };
}
