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
import { awsCall } from "./aws-call.ts";
import { AwsError, outcomeUnknown } from "./aws-error.ts";
import { classifyAwsError, describe, detailsOf } from "./classify-aws-error.ts";
import { readAnswer } from "./read-answer.ts";
import type { SignedFetch } from "./signed-fetch.ts";

/** Path of the operations on MicroVMs. */
export const MICROVMS = "/2025-09-09/microvms";

/** Lambda MicroVMs over its REST API. */
export function createLambdaMicrovms(fetch: SignedFetch): Microvms {
  return {
    async run(input) {
      const what = `RunMicrovm for ${input.clientToken}`;
      const answer = await awsCall(
        fetch({
          operation: "RunMicrovm",
          method: "POST",
          path: MICROVMS,
          headers: JSON_BODY,
          body: toRequest(input),
          secrets: [input.runHookPayload],
          // The same token names the same MicroVM, so what was not answered is asked again. A throttled call is not: five
          // launches a second are all there is, and it would take one of them from another job.
          isRetryable: outcomeUnknown,
        }),
        (error) => classifyRunError(error, what),
      );
      return readMicrovm(what, answer);
    },
    async get(microvmId) {
      const what = `GetMicrovm of ${microvmId}`;
      const answer = await unlessUnknown(
        fetch({ operation: "GetMicrovm", method: "GET", path: pathOf(microvmId) }),
        what,
      );
      return answer === undefined ? undefined : readMicrovm(what, answer);
    },
    async terminate(microvmId) {
      const call = fetch({ operation: "TerminateMicrovm", method: "DELETE", path: pathOf(microvmId) });
      await unlessUnknown(call, `TerminateMicrovm of ${microvmId}`);
    },
  };
}

const JSON_BODY = { "content-type": "application/json" };

function pathOf(microvmId: string): string {
  return `${MICROVMS}/${pathSegment(microvmId)}`;
}

/** A text as the SDK writes it into a URL: it encodes all that RFC 3986 reserves, five characters more than JavaScript. */
export function pathSegment(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
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

const microvm = v.object({
  microvmId: v.pipe(v.string(), v.nonEmpty()),
  state: v.picklist(["PENDING", "RUNNING", "SUSPENDING", "SUSPENDED", "TERMINATING", "TERMINATED"]),
  imageVersion: v.nullish(v.string()),
  startedAt: timestamp,
  terminatedAt: v.nullish(timestamp),
  stateReason: v.nullish(v.string()),
});

function readMicrovm(what: string, answer: unknown): Microvm {
  const { terminatedAt, stateReason, imageVersion, ...always } = readAnswer(microvm, what, answer);
  return {
    ...always,
    ...(imageVersion ? { imageVersion } : {}),
    ...(terminatedAt ? { terminatedAt } : {}),
    ...(stateReason ? { stateReason } : {}),
  };
}

async function unlessUnknown(call: Promise<unknown>, what: string): Promise<unknown> {
  try {
    return await call;
  } catch (error: unknown) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === "ResourceNotFoundException") return undefined;
    throw classifyMicrovmError(error, what);
  }
}

/** Errors that say that the moment is wrong, not the request. Capacity is HTTP 500 and the quota HTTP 402. */
const WAIT: Readonly<Record<string, ThrottleReason>> = {
  ServiceQuotaExceededException: "quota",
  InsufficientCapacityException: "capacity",
  ConflictException: "image",
};

/** What an error of the service means, whichever of its operations was called. */
export function classifyMicrovmError(error: AwsError, what: string): DispatcherError {
  const reason = WAIT[error.code];
  if (reason === undefined) return classifyAwsError(error, what);
  return new ThrottledError(`${what} has to wait: ${describe(error.code, error.message)}`, {
    details: detailsOf(error),
    reason,
    retryAfterSeconds: error.retryAfterSeconds,
  });
}

/** While an image is built or updated, or its versions are all inactive, there is nothing to launch from, for now. */
const IMAGE_NOT_READY =
  /no active version|image\b.*\b(state|status)\b|image\b.*\b(creating|updating|not (yet )?(ready|active))/i;

function classifyRunError(error: AwsError, what: string): DispatcherError {
  const { code, message } = error;
  const details = detailsOf(error);
  const invalid = code === "ValidationException";
  if ((invalid || code === "ConflictException") && /client ?token was used with different/i.test(message)) {
    return new ClientTokenReusedError(`${what} was refused: the token was used with another input`, { details });
  }
  // One attempt may have started the MicroVM although the last one did not: only the same call again can tell.
  if (error.mayHaveHappened) {
    return new TransientError(`${what} has no known outcome: ${describe(code, message)}`, { details });
  }
  if ((invalid || code === "ResourceNotFoundException") && IMAGE_NOT_READY.test(message)) {
    return new ThrottledError(`${what} has to wait for the image: ${message}`, { details, reason: "image" });
  }
  return classifyMicrovmError(error, what);
}
