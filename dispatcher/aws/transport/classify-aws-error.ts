import {
  type DispatcherError,
  type ErrorDetails,
  NotFoundError,
  RefusedError,
  ThrottledError,
  type ThrottleReason,
  TransientError,
} from "../../errors.ts";
import { type AwsError, isThrottle, outcomeUnknown } from "./aws-error.ts";

/** What an AWS error means to the dispatcher, by its name; by its HTTP status where it has none. */
export function classifyAwsError(
  error: AwsError,
  what: string,
  throttled: ThrottleReason = "unavailable",
): DispatcherError {
  const { code, message } = error;
  const details = detailsOf(error);
  if (isThrottle(error)) {
    return new ThrottledError(`${what} was throttled (${code})`, {
      details,
      reason: throttled,
      retryAfterSeconds: error.retryAfterSeconds,
    });
  }
  if (error.status < 400 || error.status >= 500 || outcomeUnknown(error) || error.clockCorrected) {
    return new TransientError(`${what} failed: ${describe(code, message)}`, { details });
  }
  if (NOT_FOUND.has(code)) return new NotFoundError(`${what} failed: ${describe(code, message)}`, { details });
  // Expired credentials are renewed by Lambda; nothing that a person has to mend.
  if (/^ExpiredToken/.test(code)) return new TransientError(`${what} failed: ${code}`, { details });
  return new RefusedError(`${what} was refused: ${describe(code, message)}`, { details });
}

const NOT_FOUND = new Set([
  "ResourceNotFoundException",
  "ParameterNotFound",
  "QueueDoesNotExist",
  "AWS.SimpleQueueService.NonExistentQueue",
]);

/** What may be logged of an AWS error. */
export function detailsOf(error: AwsError): ErrorDetails {
  return {
    code: error.code,
    status: error.status,
    requestId: error.requestId,
    attempts: error.attempts,
  };
}

/** The error's name and, where there is one, its text. */
export function describe(code: string, message: string): string {
  return message === "" ? code : `${code}: ${message}`;
}
