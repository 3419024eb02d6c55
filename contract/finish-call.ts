import * as v from "valibot";
import { launchId, runnerVersion } from "./values.ts";

/** Path of the finish call below the webhook function's URL. */
export const FINISH_PATH = "/finish";

/**
 * Why a runner ended before any job: GitHub refuses its version for its age (Constants.Runner.ReturnCode of
 * actions/runner).
 */
export const runnerProblem = v.picklist(["runner-refused"]);

/** Body of the finish call: `mac` proves that the caller was given this launch's payload. */
export const finishCall = v.object({
  launchId,
  /** Unix time in seconds after which the call is refused. */
  expiresAt: v.pipe(v.number(), v.safeInteger()),
  /** HMAC-SHA256, hexadecimal. */
  mac: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** Not covered by `mac`: whatever runs in the MicroVM can send it, so it is a hint and never a proof. */
  problem: v.optional(runnerProblem),
  /** The runner's version, as it names itself; present where `problem` is and it came to say so. */
  runner: v.optional(runnerVersion),
});

export type FinishCall = v.InferOutput<typeof finishCall>;
