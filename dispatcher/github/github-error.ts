import {
  type DispatcherError,
  type ErrorDetails,
  NotFoundError,
  RefusedError,
  ThrottledError,
  TransientError,
} from "../errors.ts";

export type Headers = Readonly<Record<string, string | number | undefined>>;

/** What GitHub answered with an error status, or that it did not answer; nothing of the request is kept. */
export class GitHubFailure extends Error {
  override readonly name = "GitHubFailure" as const;
  /** 0 when there was no answer. */
  readonly status: number;
  readonly headers: Headers;
  /** What else to look at, besides what the failure says. */
  readonly hint: string | undefined;

  constructor(message: string, status: number, headers: Headers = {}, hint?: string) {
    super(message);
    this.status = status;
    this.headers = headers;
    this.hint = hint;
  }
}

/** What a call is for, in the words of its errors. */
export interface CallPurpose {
  /** What was being done and on what, such as `registering runner x in o/r`. */
  what: string;
  /** The permission of the App that the call needs, such as `Administration: write`. */
  permission: string;
}

/** GitHub's advice for a secondary limit that names no time: at least a minute (REST API, rate limits). */
const SECONDARY_LIMIT_SECONDS = 60;

/** What a failure means to the dispatcher. */
export function classifyGitHubFailure(failure: GitHubFailure, purpose: CallPurpose, now: Date): DispatcherError {
  const { status, message } = failure;
  const { what, permission } = purpose;
  const details: ErrorDetails = { status, requestId: text(failure.headers["x-github-request-id"]) };
  const retryAfterSeconds = rateLimitSeconds(failure, now);
  if (retryAfterSeconds !== undefined) {
    return new ThrottledError(`${what} was throttled by GitHub`, {
      details,
      reason: "github-limit",
      retryAfterSeconds,
    });
  }
  if (status === 0 || status >= 500) return new TransientError(`${what} failed: ${message}`, { details });
  switch (status) {
    case 401:
      return new RefusedError(`${what} was refused: GitHub does not accept the App's token; check app_id and the key`, {
        details,
      });
    case 403: {
      const accepted = text(failure.headers["x-accepted-github-permissions"]);
      if (!isPermissionMissing(message)) {
        return new RefusedError(`${what} was refused: ${message}`, { details: { ...details, accepted } });
      }
      return new RefusedError(
        `${what} was refused: ${message}; give the App the permission "${permission}" and accept it in the installation`,
        { details: { ...details, accepted, missing: permission } },
      );
    }
    case 404:
      return new NotFoundError(
        withHint(`${what} failed: not found; check that the App is installed in the repository`, failure),
        { details },
      );
    default:
      return new RefusedError(`${what} was refused (${status}): ${message}`, { details });
  }
}

// Of an archived or blocked repository and of a suspended installation GitHub says so.
function isPermissionMissing(message: string): boolean {
  return /not accessible by|rights|permission|forbidden|no explanation/i.test(message);
}

/** A message about a failure, with what else to look at. */
export function withHint(message: string, { hint }: GitHubFailure): string {
  return hint === undefined ? message : `${message}; ${hint}`;
}

/** Seconds until a rate limit lets calls through again; undefined when the failure is none. */
export function rateLimitSeconds({ status, headers, message }: GitHubFailure, now: Date): number | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const retryAfter = Number(headers["retry-after"]);
  if (Number.isFinite(retryAfter) && retryAfter > 0) return Math.ceil(retryAfter);
  if (Number(headers["x-ratelimit-remaining"] ?? Number.NaN) === 0) {
    const reset = Number(headers["x-ratelimit-reset"]);
    const seconds = Math.ceil(reset - now.getTime() / 1_000);
    return Number.isFinite(seconds) ? Math.max(1, seconds) : SECONDARY_LIMIT_SECONDS;
  }
  return status === 429 || /rate limit|abuse detection/i.test(message) ? SECONDARY_LIMIT_SECONDS : undefined;
}

function text(value: string | number | undefined): string | null {
  return value === undefined ? null : String(value);
}
