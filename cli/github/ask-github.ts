import type { PermissionRequest } from "../../contract/permissions.ts";
import { ConfigurationError } from "../../dispatcher/errors.ts";
import type { AppClient, Reach } from "../../dispatcher/github/app-client.ts";
import { GitHubFailure } from "../../dispatcher/github/github-error.ts";
import {
  createGitHubRequest,
  DEFAULT_SEND_OPTIONS,
  type GitHubCall,
  type GitHubAnswer as Sent,
  sendToGitHub,
} from "../../dispatcher/github/send-to-github.ts";

/** GitHub's answer, or its refusal; `wrongAddress`: what answered is not GitHub's API. */
export type GitHubAnswer = { body: unknown } | { failure: GitHubFailure; wrongAddress?: true };

/** Reads one thing, by route such as `GET /app`. */
export type AskGitHub = (route: string, parameters?: Readonly<Record<string, unknown>>) => Promise<GitHubAnswer>;

/** How the commands name themselves to GitHub. */
export const USER_AGENT = "gha-microvm";

/** Asks with a person's token. */
export function askWithToken(apiUrl: string, token: string): AskGitHub {
  const request = createGitHubRequest({ apiUrl, userAgent: USER_AGENT });
  return askBy((call) => sendToGitHub(request, call, `token ${token}`, DEFAULT_SEND_OPTIONS));
}

/** Asks as the App itself. */
export function askAsApp(client: AppClient): AskGitHub {
  return askBy((call) => client.asApp({ ...call, purpose: purposeOf(call), expected: "any" }));
}

/** Asks as an installation of the App, with nothing but the permissions named. */
export function askAsInstallation(client: AppClient, reach: Reach, permissions: PermissionRequest): AskGitHub {
  return askBy((call) =>
    client.asInstallation(reach, permissions, { ...call, purpose: purposeOf(call), expected: "any" }),
  );
}

function askBy(send: (call: GitHubCall) => Promise<Sent>): AskGitHub {
  return async (route, parameters = {}) => {
    try {
      return { body: (await send({ route, parameters, repeatable: true })).body };
    } catch (error: unknown) {
      if (error instanceof GitHubFailure) return { failure: error };
      if (!(error instanceof ConfigurationError)) throw error;
      return { failure: new GitHubFailure(error.message, Number(error.details.status ?? 0)), wrongAddress: true };
    }
  };
}

function purposeOf({ route }: GitHubCall) {
  return { what: route, permission: "none" };
}
