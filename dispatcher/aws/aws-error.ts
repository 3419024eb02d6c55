/** What an AWS service, or the network before it, answered instead of a result; classified further by each adapter. */
export class AwsError extends Error {
  override readonly name = "AwsError" as const;
  /** The error's bare name, such as `ThrottlingException`; {@link NO_ANSWER} when there was no answer. */
  readonly code: string;
  /** 0 when there was no answer. */
  readonly status: number;
  readonly requestId: string | undefined;
  /** How long the service asks us to wait. */
  readonly retryAfterSeconds: number | undefined;
  /** How often the call was sent. */
  readonly attempts: number;
  /** One of the attempts may have had its effect although this error came back in the end. */
  readonly mayHaveHappened: boolean;

  constructor(message: string, facts: AwsErrorFacts) {
    super(message);
    this.code = facts.code;
    this.status = facts.status;
    this.requestId = facts.requestId;
    this.retryAfterSeconds = facts.retryAfterSeconds;
    this.attempts = facts.attempts ?? 1;
    this.mayHaveHappened = facts.mayHaveHappened ?? outcomeUnknown(facts);
  }
}

export interface AwsErrorFacts {
  code: string;
  status: number;
  requestId?: string | undefined;
  retryAfterSeconds?: number | undefined;
  attempts?: number;
  mayHaveHappened?: boolean;
}

/** Code of an {@link AwsError} when no answer came in time or the connection failed. */
export const NO_ANSWER = "NoAnswer";
/** Code of an {@link AwsError} when the answer was a success that could not be read. */
export const UNREADABLE = "UnreadableAnswer";

const THROTTLES = new Set([
  "ThrottlingException",
  "Throttling",
  "ThrottledException",
  "RequestThrottled",
  "RequestThrottledException",
  "TooManyRequestsException",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "PriorRequestNotComplete",
  "SlowDown",
  "OverLimit",
  "KmsThrottled",
]);

/** Whether the service says that it was asked too often. */
export function isThrottle(error: AwsErrorFacts): boolean {
  return THROTTLES.has(error.code);
}

/** Whether the call may have had its effect: it was not answered, or the service failed without saying where. */
export function outcomeUnknown({ code, status }: AwsErrorFacts): boolean {
  if (code === NO_ANSWER || code === UNREADABLE) return true;
  return status >= 500 && !THROTTLES.has(code) && code !== "InsufficientCapacityException";
}
