import { setTimeout as sleep } from "node:timers/promises";
import { request as octokitRequest } from "@octokit/request";
import { ConfigurationError, DispatcherError } from "../errors.ts";
import { addressProblem, foreignAnswer } from "./api-address.ts";
import { GitHubFailure, type Headers } from "./github-error.ts";

export type GitHubRequest = typeof octokitRequest;

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
  /** Comes before each HTTP call that is made for this one; throws when none may be made. */
  spend?: (() => void) | undefined;
}

export interface GitHubAnswer {
  body: unknown;
  headers: Headers;
}

/** Who is asked, and by whom. */
export interface GitHubTarget {
  /** `https://api.github.com`, or `https://HOST/api/v3` on GitHub Enterprise Server. */
  apiUrl: string;
  userAgent?: string;
  fetch?: typeof globalThis.fetch | undefined;
}

const BASE_DELAY_MS = 200;
const USER_AGENT = "terraform-aws-github-runner-lambda-microvms";

/** A client of GitHub's REST API that knows nobody's credentials. */
export function createGitHubRequest({ apiUrl, userAgent = USER_AGENT, fetch }: GitHubTarget): GitHubRequest {
  return octokitRequest.defaults({
    baseUrl: apiUrl,
    headers: {
      accept: "application/vnd.github+json",
      "user-agent": userAgent,
      "x-github-api-version": "2022-11-28",
    },
    request: { ...(fetch ? { fetch } : {}), log: silent },
  });
}

/**
 * Sends one call, with `authorization` as its header; throws a GitHubFailure, or a ConfigurationError when what answers
 * is not GitHub's API.
 */
export async function sendToGitHub(
  request: GitHubRequest,
  call: GitHubCall,
  authorization: string | undefined,
  options: SendOptions,
): Promise<GitHubAnswer> {
  for (let attempt = 1; ; attempt++) {
    call.spend?.();
    try {
      const { data, status, headers } = await request(call.route, {
        ...call.parameters,
        ...(authorization === undefined ? {} : { headers: { authorization } }),
        request: { signal: AbortSignal.timeout(options.timeoutMs) },
      });
      refuseForeign(request, status, headers);
      return { body: data as unknown, headers };
    } catch (error: unknown) {
      const failure = toFailure(request, error);
      const unanswered = failure instanceof GitHubFailure && (failure.status === 0 || failure.status >= 500);
      if (!unanswered || !call.repeatable || attempt >= options.maxAttempts) throw failure;
      await options.sleep(options.random() * BASE_DELAY_MS * 2 ** attempt);
    }
  }
}

const MAX_MESSAGE_LENGTH = 300;

// Octokit's error carries the whole request, with its headers and its body: only the status, the answer's headers and
// GitHub's own words go on from here. What is no answer from GitHub is told by the system's error code alone.
function toFailure(request: GitHubRequest, error: unknown): GitHubFailure | DispatcherError {
  if (error instanceof DispatcherError) return error;
  if (isAnswered(error)) {
    const { status, headers, data } = error.response;
    const foreign = foreignAnswer(apiUrlOf(request), status, headers);
    if (foreign !== undefined) return new ConfigurationError(foreign, { details: { status } });
    const message = messageOf(data);
    const problem = status === 404 ? addressProblem(apiUrlOf(request)) : undefined;
    return new GitHubFailure(message, status, headers, problem && `check github_api_url too: ${problem}`);
  }
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.name === "TimeoutError" || cause.name === "AbortError") return new GitHubFailure("no answer in time", 0);
    if ("code" in cause && typeof cause.code === "string") {
      return new GitHubFailure(`the connection failed (${cause.code})`, 0);
    }
  }
  return new GitHubFailure("no answer that could be read", 0);
}

function refuseForeign(request: GitHubRequest, status: number, headers: Headers): void {
  const foreign = foreignAnswer(apiUrlOf(request), status, headers);
  if (foreign !== undefined) throw new ConfigurationError(foreign, { details: { status } });
}

function apiUrlOf(request: GitHubRequest): string {
  return request.endpoint.DEFAULTS.baseUrl;
}

interface Answered {
  response: { status: number; headers: Headers; data: unknown };
}

function isAnswered(error: unknown): error is Answered {
  return error instanceof Error && "response" in error && typeof error.response === "object" && error.response !== null;
}

function messageOf(data: unknown): string {
  const message = typeof data === "object" && data !== null && "message" in data ? data.message : undefined;
  return typeof message === "string" ? withoutCredentials(message).slice(0, MAX_MESSAGE_LENGTH) : "no explanation";
}

// GitHub does not repeat credentials; a proxy in between may. A token of an installation may have dots and hyphens.
function withoutCredentials(message: string): string {
  return message.replaceAll(/\bgh[a-z]_[\w.-]+|\bgithub_pat_\w+|\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, "***");
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
