import { createAppAuth } from "@octokit/auth-app";
import { request as octokitRequest } from "@octokit/request";
import type { Logger } from "../../contract/log.ts";
import type { RepositoryRef } from "../core/views.ts";
import type { AppKey, Clock, GitHub } from "../ports.ts";
import { createAppJwt, withAppKey } from "./app-jwt.ts";
import { createAppTokens } from "./app-tokens.ts";
import { type CallPurpose, classifyGitHubFailure, GitHubFailure } from "./github-error.ts";
import { createRepositoryRunners } from "./repository-runners.ts";
import { DEFAULT_SEND_OPTIONS, type GitHubCall, type SendOptions, sendToGitHub } from "./send-to-github.ts";

export interface GitHubApp {
  appId: string;
  key: AppKey;
  /** Absent: looked up for each repository. */
  installationId?: number;
}

export interface GitHubOptions {
  /** `https://api.github.com`, or `https://HOST/api/v3` on GitHub Enterprise Server. */
  apiUrl: string;
  app: GitHubApp;
  /** Group of the organization to register runners in; absent: they are registered in repositories. */
  runnerGroupId?: number | undefined;
  clock?: Clock;
  fetch?: typeof globalThis.fetch;
  log?: Pick<Logger, "warn">;
  send?: Partial<SendOptions>;
}

/** Makes one call in a repository with a token for it; throws a GitHubFailure only for the statuses in `expected`. */
export type RepositoryCall = (
  where: RepositoryRef,
  purpose: CallPurpose,
  call: Omit<GitHubCall, "token"> & { expected?: readonly number[] },
) => Promise<unknown>;

const USER_AGENT = "terraform-aws-github-runner-lambda-microvms";

/** What the calls of this adapter need, and no more. */
const REPOSITORY_PERMISSIONS = { actions: "read", administration: "write" } as const;
const ORGANIZATION_PERMISSIONS = { actions: "read", organization_self_hosted_runners: "write" } as const;

/** A token may be unknown to some of GitHub's servers for so long after it was made (`@octokit/auth-app`, README). */
const REPLICATION_MS = 5_000;
const MAX_UNAUTHORIZED = 3;

/** GitHub as an App sees it, with single-use runners registered in repositories or in a group of their organization. */
export function createGitHub(options: GitHubOptions): GitHub {
  const { app, clock = { now: () => new Date() } } = options;
  const send = { ...DEFAULT_SEND_OPTIONS, ...options.send };
  const request = octokitRequest.defaults({
    baseUrl: options.apiUrl,
    headers: {
      accept: "application/vnd.github+json",
      "user-agent": USER_AGENT,
      "x-github-api-version": "2022-11-28",
    },
    request: { ...(options.fetch ? { fetch: options.fetch } : {}), log: silent },
  });
  const log = { ...silent, warn: () => options.log?.warn("github.clock_skewed") };
  const tokens = createAppTokens({
    // The hook signs each call as the App, and corrects for a clock that differs from GitHub's.
    appRequest: request.defaults({
      request: {
        hook: (...call: Parameters<ReturnType<typeof createAppAuth>["hook"]>) =>
          withAppKey(app.key, (sign) =>
            createAppAuth({ appId: app.appId, createJwt: createAppJwt(sign), request, log }).hook(...call),
          ),
      },
    }),
    installationId: app.installationId,
    permissions: options.runnerGroupId === undefined ? REPOSITORY_PERMISSIONS : ORGANIZATION_PERMISSIONS,
    clock,
    send,
  });

  const call: RepositoryCall = async (where, purpose, { expected = [], ...details }) => {
    for (let refusals = 0; ; ) {
      const token = await tokens.get(where);
      try {
        return await sendToGitHub(request, { ...details, token: token.token }, send);
      } catch (error: unknown) {
        if (!(error instanceof GitHubFailure) || expected.includes(error.status)) throw error;
        if (error.status !== 401 || ++refusals >= MAX_UNAUTHORIZED) {
          throw classifyGitHubFailure(error, purpose, clock.now());
        }
        if (clock.now().getTime() - token.createdAt.getTime() < REPLICATION_MS) await send.sleep(refusals * 1_000);
        else tokens.drop(where, token);
      }
    }
  };
  return createRepositoryRunners(call, options.runnerGroupId);
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
