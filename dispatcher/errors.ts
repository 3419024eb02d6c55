/**
 * What the dispatcher does with a message whose handling failed:
 * `retry`: it goes back to the queue and the failure counts towards the dead-letter queue;
 * `defer`: it waits and the failure does not count, because nothing is wrong but the moment;
 * `drop`: it is done with, because no later attempt could end otherwise.
 */
export type Disposition = "retry" | "defer" | "drop";

export interface ErrorDetails {
  /** Safe to log: ids, names and statuses, never a body, a header or a secret. */
  readonly [name: string]: string | number | boolean | null | undefined;
}

/** Base of every error that the dispatcher throws on purpose. */
export abstract class DispatcherError extends Error {
  abstract override readonly name: string;
  abstract readonly disposition: Disposition;
  readonly details: ErrorDetails;

  constructor(message: string, options: { cause?: unknown; details?: ErrorDetails } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.details = options.details ?? {};
  }
}

/** The environment or a secret is missing or malformed: thrown at start-up, names every field that is wrong. */
export class ConfigurationError extends DispatcherError {
  override readonly name = "ConfigurationError" as const;
  readonly disposition = "retry" as const;
}

/** AWS or GitHub answered with an error that a later attempt may not meet, or did not answer at all. */
export class TransientError extends DispatcherError {
  override readonly name = "TransientError" as const;
  readonly disposition = "retry" as const;
}

/**
 * What is used up: the rate of launches, a quota, the Region's capacity, GitHub's limit; the image is being updated;
 * another worker is at it; a service that is not Lambda MicroVMs throttles; or somebody has paused launches.
 */
export type ThrottleReason =
  | "rate"
  | "quota"
  | "capacity"
  | "image"
  | "github-limit"
  | "busy"
  | "unavailable"
  | "paused";

/** A rate, a quota or the capacity is used up, or the image is being updated: nothing failed, the time is wrong. */
export class ThrottledError extends DispatcherError {
  override readonly name = "ThrottledError" as const;
  readonly disposition = "defer" as const;
  readonly reason: ThrottleReason;
  /** How long the other side asks us to wait, in seconds, where it says so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    message: string,
    options: {
      cause?: unknown;
      details?: ErrorDetails;
      reason?: ThrottleReason;
      retryAfterSeconds?: number | undefined;
    } = {},
  ) {
    super(message, options);
    this.reason = options.reason ?? "rate";
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** AWS or GitHub refused the request in a way that waiting does not heal: a permission, a malformed request. */
export class RefusedError extends DispatcherError {
  override readonly name: "RefusedError" | "AppRefusedError" = "RefusedError";
  readonly disposition = "retry" as const;
}

/** GitHub does not know the App, or not by its key: nothing can be done in any repository until somebody mends that. */
export class AppRefusedError extends RefusedError {
  override readonly name = "AppRefusedError" as const;
}

/** What was named does not exist (any more): a repository, a runner, a MicroVM. */
export class NotFoundError extends DispatcherError {
  override readonly name: "NotFoundError" | "NotInstalledError" = "NotFoundError";
  readonly disposition = "retry" as const;
}

/** No installation of the App reaches the repository: it is not installed there, or the repository is gone. */
export class NotInstalledError extends NotFoundError {
  override readonly name = "NotInstalledError" as const;
}

/** The job's record was changed by another worker in the meantime: what was decided is decided anew. */
export class RecordChangedError extends DispatcherError {
  override readonly name = "RecordChangedError" as const;
  readonly disposition = "defer" as const;
}

/** RunMicrovm was called with a client token that an earlier call used with other parameters. */
export class ClientTokenReusedError extends DispatcherError {
  override readonly name = "ClientTokenReusedError" as const;
  readonly disposition = "retry" as const;
}

/** A runner of that name is registered already: an earlier attempt got that far and then ended. */
export class RunnerExistsError extends DispatcherError {
  override readonly name = "RunnerExistsError" as const;
  readonly disposition = "retry" as const;
}

/** A queue message does not have the shape that the contract gives it; no later attempt could read it. */
export class MalformedMessageError extends DispatcherError {
  override readonly name = "MalformedMessageError" as const;
  readonly disposition = "drop" as const;
}

/** The run has made all the calls that it may make: the next one goes on. */
export class CallBudgetSpentError extends DispatcherError {
  override readonly name = "CallBudgetSpentError" as const;
  readonly disposition = "defer" as const;
}

/** The App lacks a permission, which only a person can give it. */
export class NotPermittedError extends DispatcherError {
  override readonly name = "NotPermittedError" as const;
  readonly disposition = "defer" as const;
  /** As GitHub's settings name it, such as `Repository webhooks: write`. */
  readonly permission: string;

  constructor(message: string, permission: string, options: ConstructorParameters<typeof DispatcherError>[1] = {}) {
    super(message, options);
    this.permission = permission;
  }
}

/** GitHub does not accept a cursor (any more): the list is to be read from its beginning. */
export class InvalidCursorError extends DispatcherError {
  override readonly name = "InvalidCursorError" as const;
  readonly disposition = "defer" as const;
}
