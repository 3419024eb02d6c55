import { createAppAuth } from "@octokit/auth-app";
import { request as octokitRequest } from "@octokit/request";
import { GitHubFailure } from "../../dispatcher/github/github-error.ts";
import { DEFAULT_SEND_OPTIONS, type GitHubRequest, sendToGitHub } from "../../dispatcher/github/send-to-github.ts";

/** GitHub's answer, or its refusal. */
export type GitHubAnswer = { body: unknown } | { failure: GitHubFailure };

/** Reads one thing, by route such as `GET /app`. */
export type AskGitHub = (route: string, parameters?: Readonly<Record<string, unknown>>) => Promise<GitHubAnswer>;

const USER_AGENT = "gha-microvm";

function requestTo(apiUrl: string): GitHubRequest {
  return octokitRequest.defaults({
    baseUrl: apiUrl,
    headers: { accept: "application/vnd.github+json", "user-agent": USER_AGENT, "x-github-api-version": "2022-11-28" },
    request: { log: silent },
  });
}

/** Asks with a person's token or an installation's. */
export function askWithToken(apiUrl: string, token: string): AskGitHub {
  return (route, parameters = {}) => ask(requestTo(apiUrl), route, parameters, token);
}

/** Asks as the App itself. */
export function askAsApp(apiUrl: string, app: { app_id: string; private_key: string }): AskGitHub {
  const request = requestTo(apiUrl);
  // The hook dates its tokens by GitHub's clock where this machine's differs.
  const auth = createAppAuth({ appId: app.app_id, privateKey: app.private_key, request, log: silent });
  const signed = request.defaults({ request: { hook: auth.hook } });
  return (route, parameters = {}) => ask(signed, route, parameters);
}

async function ask(
  request: GitHubRequest,
  route: string,
  parameters: Readonly<Record<string, unknown>>,
  token?: string,
): Promise<GitHubAnswer> {
  try {
    const call = { route, parameters, repeatable: true, ...(token === undefined ? {} : { token }) };
    return { body: await sendToGitHub(request, call, DEFAULT_SEND_OPTIONS) };
  } catch (error: unknown) {
    if (error instanceof GitHubFailure) return { failure: error };
    throw error;
  }
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
