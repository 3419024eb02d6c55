import * as v from "valibot";
import { launchId } from "./values.ts";

/** Path of the finish call below the webhook function's URL. */
export const FINISH_PATH = "/finish";

/** Body of the finish call: `mac` proves that the caller was given this launch's payload. */
export const finishCall = v.object({
  launchId,
  /** Unix time in seconds after which the call is refused. */
  expiresAt: v.pipe(v.number(), v.safeInteger()),
  /** HMAC-SHA256, hexadecimal. */
  mac: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

export type FinishCall = v.InferOutput<typeof finishCall>;
