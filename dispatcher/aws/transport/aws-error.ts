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
  /** It was refused for a clock that differs, and the next call is signed by the service's. */
  readonly clockCorrected: boolean;
  /** One of the attempts may have had its effect although this error came back in the end. */
  readonly mayHaveHappened: boolean;

  constructor(message: string, facts: AwsErrorFacts) {
    super(message);
    this.code = facts.code;
    this.status = facts.status;
    this.requestId = facts.requestId;
    this.retryAfterSeconds = facts.retryAfterSeconds;
    this.attempts = facts.attempts ?? 1;
    this.clockCorrected = facts.clockCorrected ?? false;
    this.mayHaveHappened = facts.mayHaveHappened ?? outcomeUnknown(facts);
  }
}

export interface AwsErrorFacts {
  code: string;
  status: number;
  requestId?: string | undefined;
  retryAfterSeconds?: number | undefined;
  attempts?: number;
  clockCorrected?: boolean;
  mayHaveHappened?: boolean;
}

/** Code of an {@link AwsError} when no answer came in time or the connection failed. */
export const NO_ANSWER = "NoAnswer";
/** Code of an {@link AwsError} when the answer was a success that could not be read. */
export const UNREADABLE = "UnreadableAnswer";

/** What the AWS SDK takes for a throttle, and what KMS and SQS call theirs. */
const THROTTLES = new Set([
  ...["BandwidthLimitExceeded", "EC2ThrottledException", "LimitExceededException", "PriorRequestNotComplete"],
  ...["ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled", "SlowDown"],
  ...["RequestThrottledException", "ThrottledException", "Throttling", "ThrottlingException"],
  ...["TooManyRequestsException", "TransactionInProgressException", "KmsThrottled", "OverLimit"],
]);

/** A request that did not reach the service in time, as the SDK has it. */
const TIMEOUTS = new Set(["TimeoutError", "RequestTimeout", "RequestTimeoutException"]);

/** Whether the service says that it was asked too often: by name, or by a status that means nothing else. */
export function isThrottle({ code, status }: AwsErrorFacts): boolean {
  return THROTTLES.has(code) || status === 429;
}

/** Whether the call may have had its effect: it was not answered, or the service failed without saying where. */
export function outcomeUnknown(facts: AwsErrorFacts): boolean {
  const { code, status } = facts;
  if (code === NO_ANSWER || code === UNREADABLE || TIMEOUTS.has(code)) return true;
  return status >= 500 && !isThrottle(facts) && code !== "InsufficientCapacityException";
}
