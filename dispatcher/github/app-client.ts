import { createAppAuth } from "@octokit/auth-app";
import * as v from "valibot";
import type { Logger } from "../../contract/log.ts";
import type { PermissionRequest } from "../../contract/permissions.ts";
import type { RepositoryRef } from "../core/views.ts";
import { NotFoundError, NotInstalledError } from "../errors.ts";
import type { AppKey, Clock } from "../ports.ts";
import { appFailure, tokenFailure } from "./app-failure.ts";
import { createClockOffset } from "./clock-offset.ts";
import { type CallPurpose, classifyGitHubFailure, GitHubFailure, rateLimitSeconds } from "./github-error.ts";
import { readBody } from "./read-body.ts";
import {
  createGitHubRequest,
  DEFAULT_SEND_OPTIONS,
  type GitHubAnswer,
  type GitHubCall,
  type GitHubTarget,
  type SendOptions,
  sendToGitHub,
} from "./send-to-github.ts";
import { type CreateJwt, createSigned } from "./signed-call.ts";
import { createTokenCache } from "./token-cache.ts";

export interface GitHubApp {
  appId: string;
  key: AppKey;
  /** Absent: looked up for each repository or organization. */
  installationId?: number;
}

export interface AppClientOptions extends GitHubTarget {
  app: GitHubApp;
  clock?: Clock;
  log?: Pick<Logger, "warn"> | undefined;
  send?: Partial<SendOptions> | undefined;
}

/** What a token reaches: one repository, or with permissions of the account alone nothing but the account's own. */
export type Reach = RepositoryRef | { owner: string; installationId?: number };

export interface AppCall extends GitHubCall {
  purpose: CallPurpose;
  /** Statuses that the caller reads itself: they are thrown as a GitHubFailure, all others as a DispatcherError. */
  expected?: readonly number[] | "any";
}

/** GitHub's API as an App may call it. */
export interface AppClient {
  /** Calls with the App's own JWT. */
  asApp(call: AppCall): Promise<GitHubAnswer>;
  /** Calls with an installation token that reaches `reach` and may do what `permissions` say. */
  asInstallation(reach: Reach, permissions: PermissionRequest, call: AppCall): Promise<GitHubAnswer>;
  /** Makes sure of such a token, for a caller that wants to know before it calls. */
  authorise(reach: Reach, permissions: PermissionRequest): Promise<void>;
}

const MAX_UNAUTHORIZED = 3;

const tokenBody = v.object({
  token: v.pipe(v.string(), v.nonEmpty()),
  expires_at: v.pipe(v.string(), v.isoTimestamp()),
});
const installationBody = v.object({ id: v.pipe(v.number(), v.safeInteger()) });

/**
 * The one way to act as the App. JWTs and tokens come from `@octokit/auth-app`, which keeps tokens and lets callers that ask at
 * the same time share one request. What it does in its `hook` alone is done here: a clock that differs from GitHub's is
 * corrected, a fresh token that is not known everywhere yet is tried again. So is what it does not do: a key that has been
 * replaced is fetched anew, and a token that GitHub refuses is forgotten.
 */
export function createAppClient(options: AppClientOptions): AppClient {
  const { app, clock = { now: () => new Date() } } = options;
  const send = { ...DEFAULT_SEND_OPTIONS, ...options.send };
  const request = createGitHubRequest(options);
  const offset = createClockOffset(clock, options.log);
  const cache = createTokenCache(offset.now);
  const installations = new Map<string, Promise<number>>();

  const signed = createSigned(app.key, offset);

  // An instance for each call, because its calls are counted for whoever made it; tokens are kept and shared all the same.
  function authFor(createJwt: CreateJwt, what: string, spend: GitHubCall["spend"]) {
    const minting = request.defaults({
      request: {
        hook: async (_: unknown, { request: __, url, method, headers, ...parameters }: Minting) => {
          const call = { route: `${method} ${url}`, parameters, repeatable: true, spend };
          const { body } = await sendToGitHub(request, call, headers.authorization, send);
          return { data: readBody(tokenBody, what, body) };
        },
      },
    });
    return createAppAuth({ appId: app.appId, createJwt, cache, request: minting, log: silent });
  }

  async function asAppUnread(call: GitHubCall): Promise<GitHubAnswer> {
    return signed(async (createJwt) => {
      const { jwt } = await createJwt(app.appId);
      // GitHub takes an App's own token as `bearer` only.
      return sendToGitHub(request, call, `bearer ${jwt}`, send);
    });
  }

  function findInstallation(reach: Reach, spend: GitHubCall["spend"]): Promise<number> {
    const key = nameOf(reach);
    const known = installations.get(key);
    if (known !== undefined) return known;
    const what = `finding the App's installation in ${key}`;
    const found = asAppUnread({ ...installationRoute(reach), repeatable: true, spend }).then(
      ({ body }) => readBody(installationBody, what, body).id,
      (error: unknown) => {
        if (!(error instanceof GitHubFailure)) throw error;
        const failure = appFailure(error, what, clock.now());
        if (!(failure instanceof NotFoundError)) throw failure;
        throw new NotInstalledError(failure.message, { details: failure.details });
      },
    );
    installations.set(key, found);
    found.catch(() => installations.delete(key));
    return found;
  }

  async function tokenFor(reach: Reach, permissions: PermissionRequest, spend: GitHubCall["spend"]): Promise<string> {
    const given = reach.installationId ?? app.installationId;
    const installationId = given ?? (await findInstallation(reach, spend));
    const what = `getting an installation token for ${nameOf(reach)}`;
    try {
      const { token } = await signed((createJwt) =>
        authFor(createJwt, what, spend)({ type: "installation", installationId, permissions, ...namesOf(reach) }),
      );
      return token;
    } catch (error: unknown) {
      if (!(error instanceof GitHubFailure)) throw error;
      if (given === undefined && error.status === 404) installations.delete(nameOf(reach));
      throw tokenFailure(error, { what, permissions, installationId }, clock.now());
    }
  }

  return {
    async asApp({ purpose, expected = [], ...call }) {
      try {
        return await asAppUnread(call);
      } catch (error: unknown) {
        if (!(error instanceof GitHubFailure) || isExpected(expected, error)) throw error;
        throw appFailure(error, purpose.what, clock.now(), purpose);
      }
    },
    async authorise(reach, permissions) {
      await tokenFor(reach, permissions, undefined);
    },
    async asInstallation(reach, permissions, { purpose, expected = [], ...call }) {
      for (let refusals = 0; ; ) {
        const token = await tokenFor(reach, permissions, call.spend);
        try {
          return await sendToGitHub(request, call, `token ${token}`, send);
        } catch (error: unknown) {
          if (!(error instanceof GitHubFailure)) throw error;
          const again = error.status === 401 && ++refusals < MAX_UNAUTHORIZED;
          if (again && cache.isFresh(token)) {
            await send.sleep(refusals * 1_000);
            continue;
          }
          const answered = isExpected(expected, error);
          if (isRefusedToken(error, clock.now()) || (error.status === 404 && !answered)) cache.drop(token);
          if (again) continue;
          throw answered ? error : classifyGitHubFailure(error, purpose, clock.now());
        }
      }
    },
  };
}

interface Minting {
  request: unknown;
  url: string;
  method: string;
  headers: { authorization?: string };
  [parameter: string]: unknown;
}

function isExpected(expected: readonly number[] | "any", { status }: GitHubFailure): boolean {
  return expected === "any" || expected.includes(status);
}

// A token made before a permission was granted goes on without it. After a 404 that says nothing of what was asked for it is not
// kept either: that no other is to be had tells that the repository is gone.
function isRefusedToken(error: GitHubFailure, now: Date): boolean {
  return error.status === 401 || (error.status === 403 && rateLimitSeconds(error, now) === undefined);
}

function nameOf(reach: Reach): string {
  return "repository" in reach ? reach.repository : reach.owner;
}

// A permission of the account belongs to no repository: such a token reaches none of their contents.
function namesOf(reach: Reach): { repositoryNames?: string[] } {
  return "repository" in reach ? { repositoryNames: [pathOf(reach.repository).repo] } : {};
}

function installationRoute(reach: Reach): Pick<GitHubCall, "route" | "parameters"> {
  return "repository" in reach
    ? { route: "GET /repos/{owner}/{repo}/installation", parameters: pathOf(reach.repository) }
    : { route: "GET /orgs/{org}/installation", parameters: { org: reach.owner } };
}

/** A repository as GitHub's paths have it. */
export function pathOf(repository: string): { owner: string; repo: string } {
  const [owner = "", repo = ""] = repository.split("/");
  return { owner, repo };
}

const silent = { warn: () => undefined };
