import type { RunMicrovmCommandInput } from "@aws-sdk/client-lambda-microvms";
import * as v from "valibot";
import type { RunMicrovmInput } from "../core/job.ts";
import type { Microvm } from "../core/views.ts";
import {
  ClientTokenReusedError,
  type DispatcherError,
  ThrottledError,
  type ThrottleReason,
  TransientError,
} from "../errors.ts";
import type { Microvms } from "../ports.ts";
import { type AwsError, outcomeUnknown } from "./transport/aws-error.ts";
import { classifyAwsError, describe, detailsOf } from "./transport/classify-aws-error.ts";
import { anyAnswer, createRestRpc, pathSegment } from "./transport/rpc.ts";
import type { SignedFetch } from "./transport/signed-fetch.ts";

/** Path of the operations on MicroVMs. */
export const MICROVMS = "/2025-09-09/microvms";

/** Lambda MicroVMs over its REST API. */
export function createLambdaMicrovms(fetch: SignedFetch): Microvms {
  const rpc = createRestRpc(fetch, classifyMicrovmError);
  return {
    async run(input) {
      const started = await rpc({
        operation: { name: "RunMicrovm", method: "POST", path: MICROVMS },
        input: toRequest(input),
        answer: startedMicrovm,
        what: `RunMicrovm for ${input.clientToken}`,
        classify: classifyRunError,
        secrets: [input.runHookPayload],
        // The same token names the same MicroVM, so what was not answered is asked again. A throttled call is not: five
        // launches a second are all there is, and it would take one of them from another job.
        isRetryable: outcomeUnknown,
      });
      return withoutNothing(started);
    },
    async get(microvmId) {
      const microvm = await rpc({
        operation: { name: "GetMicrovm", method: "GET", path: pathOf(microvmId) },
        answer: knownMicrovm,
        what: `GetMicrovm of ${microvmId}`,
        errors: UNKNOWN_MICROVM,
      });
      return microvm && withoutNothing({ ...microvm, microvmId });
    },
    async terminate(microvmId) {
      await rpc({
        operation: { name: "TerminateMicrovm", method: "DELETE", path: pathOf(microvmId) },
        answer: anyAnswer,
        what: `TerminateMicrovm of ${microvmId}`,
        errors: UNKNOWN_MICROVM,
      });
    },
  };
}

const UNKNOWN_MICROVM = { ResourceNotFoundException: () => undefined };

function pathOf(microvmId: string): string {
  return `${MICROVMS}/${pathSegment(microvmId)}`;
}

// No idle policy: the service counts inbound traffic only and would suspend a busy runner. No log stream: the service
// names one for each MicroVM.
function toRequest(input: RunMicrovmInput): RunMicrovmCommandInput {
  const request: RunMicrovmCommandInput = {
    imageIdentifier: input.imageArn,
    executionRoleArn: input.execRoleArn,
    ingressNetworkConnectors: [input.ingressConnectorArn],
    egressNetworkConnectors: [input.egressConnectorArn],
    logging: { cloudWatch: { logGroup: input.logGroup } },
    runHookPayload: input.runHookPayload,
    maximumDurationInSeconds: input.maxDurationSeconds,
    clientToken: input.clientToken,
  };
  return input.imageVersion === undefined ? request : { ...request, imageVersion: input.imageVersion };
}

/** A moment as the service writes it: in seconds. */
export const timestamp = v.pipe(
  v.number(),
  v.finite(),
  v.transform((seconds) => new Date(seconds * 1_000)),
);

// What else an answer says may be missing, null or of a kind that is not known here: the MicroVM is there all the same.
const optional = <Schema extends v.GenericSchema<unknown, unknown>>(schema: Schema) =>
  v.fallback(v.optional(schema), undefined);
const facts = {
  imageVersion: optional(v.string()),
  startedAt: optional(timestamp),
  terminatedAt: optional(timestamp),
  stateReason: optional(v.string()),
};
const startedMicrovm = v.object({
  microvmId: v.pipe(v.string(), v.nonEmpty()),
  state: v.fallback(v.string(), "PENDING"),
  ...facts,
});
const knownMicrovm = v.object({ state: v.string(), ...facts });

type Facts = { [Name in keyof Microvm]: Microvm[Name] | undefined } & Pick<Microvm, "microvmId" | "state">;

function withoutNothing({ microvmId, state, imageVersion, startedAt, terminatedAt, stateReason }: Facts): Microvm {
  return {
    ...{ microvmId, state },
    ...(imageVersion ? { imageVersion } : {}),
    ...(startedAt ? { startedAt } : {}),
    ...(terminatedAt ? { terminatedAt } : {}),
    ...(stateReason ? { stateReason } : {}),
  };
}

/** Errors that say that the moment is wrong, not the request. Capacity is HTTP 500 and the quota HTTP 402. */
const WAIT: Readonly<Record<string, ThrottleReason>> = {
  ServiceQuotaExceededException: "quota",
  InsufficientCapacityException: "capacity",
  ConflictException: "image",
};

/** While an image is built or updated, or its versions are all inactive, there is nothing to launch from, for now. */
const IMAGE_NOT_READY =
  /no active version|image\b.*\b(state|status)\b|image\b.*\b(creating|updating|not (yet )?(ready|active))/i;

/** What an error of the service means, whichever of its operations was called. */
export function classifyMicrovmError(error: AwsError, what: string): DispatcherError {
  const { code, message, retryAfterSeconds } = error;
  const busy = code === "ValidationException" && IMAGE_NOT_READY.test(message);
  const reason = busy ? "image" : WAIT[code];
  if (reason === undefined) return classifyAwsError(error, what, "rate");
  return new ThrottledError(`${what} has to wait: ${describe(code, message)}`, {
    details: detailsOf(error),
    reason,
    retryAfterSeconds,
  });
}

function classifyRunError(error: AwsError, what: string): DispatcherError {
  const { code, message } = error;
  const details = detailsOf(error);
  const invalid = code === "ValidationException" || code === "ConflictException";
  if (invalid && /client ?token was used with different/i.test(message)) {
    return new ClientTokenReusedError(`${what} was refused: the token was used with another input`, { details });
  }
  // One attempt may have started the MicroVM although the last one did not: only the same call again can tell.
  if (error.mayHaveHappened) {
    return new TransientError(`${what} has no known outcome: ${describe(code, message)}`, { details });
  }
  if (code === "ResourceNotFoundException" && IMAGE_NOT_READY.test(message)) {
    return new ThrottledError(`${what} has to wait for the image: ${message}`, { details, reason: "image" });
  }
  return classifyMicrovmError(error, what);
}
