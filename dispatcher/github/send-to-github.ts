import { setTimeout as sleep } from "node:timers/promises";
import type { request } from "@octokit/request";
import { DispatcherError } from "../errors.ts";
import { GitHubFailure } from "./github-error.ts";

/** `request`, or one that authenticates by itself. */
export type GitHubRequest = typeof request;

export interface SendOptions {
  timeoutMs: number;
  maxAttempts: number;
  random(): number;
  sleep(ms: number): Promise<void>;
}

/** Three attempts of at most 10 seconds. */
export const DEFAULT_SEND_OPTIONS: SendOptions = {
  timeoutMs: 10_000,
  maxAttempts: 3,
  random: Math.random,
  sleep: (ms) => sleep(ms),
};

export interface GitHubCall {
  /** Method and path template, such as `GET /repos/{owner}/{repo}/actions/jobs/{job_id}`. */
  route: string;
  parameters: Readonly<Record<string, unknown>>;
  /** Whether it may be sent again when it is not known whether it had its effect. */
  repeatable: boolean;
  token?: string;
}

const BASE_DELAY_MS = 200;

/** Sends one call and returns the answer's body; throws a GitHubFailure. */
export async function sendToGitHub(request: GitHubRequest, call: GitHubCall, options: SendOptions): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await request(call.route, {
        ...call.parameters,
        ...(call.token === undefined ? {} : { headers: { authorization: `token ${call.token}` } }),
        request: { signal: AbortSignal.timeout(options.timeoutMs) },
      });
      return response.data as unknown;
    } catch (error: unknown) {
      const failure = toFailure(error);
      const unanswered = failure instanceof GitHubFailure && (failure.status === 0 || failure.status >= 500);
      if (!unanswered || !call.repeatable || attempt >= options.maxAttempts) throw failure;
      await options.sleep(options.random() * BASE_DELAY_MS * 2 ** attempt);
    }
  }
}

const MAX_MESSAGE_LENGTH = 300;

// Octokit's error carries the whole request, with its headers and its body: only the status, the answer's headers and
// GitHub's own words go on from here. What is no answer from GitHub is told by the system's error code alone.
function toFailure(error: unknown): GitHubFailure | DispatcherError {
  if (error instanceof DispatcherError) return error;
  if (isAnswered(error)) {
    const { status, headers, data } = error.response;
    return new GitHubFailure(messageOf(data), status, headers);
  }
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.name === "TimeoutError" || cause.name === "AbortError") return new GitHubFailure("no answer in time", 0);
    if ("code" in cause && typeof cause.code === "string") {
      return new GitHubFailure(`the connection failed (${cause.code})`, 0);
    }
  }
  return new GitHubFailure("no answer that could be read", 0);
}

interface Answered {
  response: { status: number; headers: Record<string, string | number | undefined>; data: unknown };
}

function isAnswered(error: unknown): error is Answered {
  return error instanceof Error && "response" in error && typeof error.response === "object" && error.response !== null;
}

function messageOf(data: unknown): string {
  const message = typeof data === "object" && data !== null && "message" in data ? data.message : undefined;
  return typeof message === "string" ? withoutCredentials(message).slice(0, MAX_MESSAGE_LENGTH) : "no explanation";
}

// GitHub does not repeat credentials; a proxy in between may.
function withoutCredentials(message: string): string {
  return message.replaceAll(/\bgh[a-z]_\w+|\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, "***");
}
