import * as v from "valibot";
import type { RepositoryRef } from "../core/views.ts";
import { type DispatcherError, NotFoundError, RefusedError } from "../errors.ts";
import type { Clock } from "../ports.ts";
import { type CallPurpose, classifyGitHubFailure, GitHubFailure } from "./github-error.ts";
import { readBody } from "./read-body.ts";
import { type GitHubRequest, type SendOptions, sendToGitHub } from "./send-to-github.ts";

export interface InstallationToken {
  token: string;
  createdAt: Date;
  usableUntil: Date;
}

/** Installation tokens, each good for one repository and for the permissions that the calls there need. */
export interface AppTokens {
  get(where: RepositoryRef): Promise<InstallationToken>;
  /** Forgets a token that GitHub refused. */
  drop(where: RepositoryRef, refused: InstallationToken): void;
}

export interface AppTokensOptions {
  /** Authenticates as the App. */
  appRequest: GitHubRequest;
  installationId?: number | undefined;
  permissions: Readonly<Record<string, "read" | "write">>;
  clock: Clock;
  send: SendOptions;
}

/** A token lives for an hour; the last minutes of it are left for the calls that are being made with it. */
const EXPIRY_MARGIN_MS = 5 * 60_000;

const tokenBody = v.object({
  token: v.pipe(v.string(), v.nonEmpty()),
  expires_at: v.pipe(v.string(), v.isoTimestamp()),
});
const installationBody = v.object({ id: v.pipe(v.number(), v.safeInteger()) });

interface Entry {
  token: Promise<InstallationToken>;
  /** Absent while it is being fetched. */
  arrived?: InstallationToken;
}

/**
 * Mints installation tokens and keeps them in memory. Callers that ask at the same time share one request, and a failed
 * one is not remembered.
 */
export function createAppTokens(options: AppTokensOptions): AppTokens {
  const { clock } = options;
  const entries = new Map<string, Entry>();
  const installations = new Map<string, Promise<number>>();

  async function mint(where: RepositoryRef): Promise<InstallationToken> {
    const given = where.installationId ?? options.installationId;
    const installationId = given ?? (await findInstallation(where.repository));
    const createdAt = clock.now();
    const what = `getting an installation token for ${where.repository}`;
    try {
      const body = await sendToGitHub(
        options.appRequest,
        {
          route: "POST /app/installations/{installation_id}/access_tokens",
          parameters: {
            installation_id: installationId,
            repositories: [nameOf(where.repository)],
            permissions: options.permissions,
          },
          repeatable: true,
        },
        options.send,
      );
      const { token, expires_at } = readBody(tokenBody, what, body);
      return { token, createdAt, usableUntil: new Date(Date.parse(expires_at) - EXPIRY_MARGIN_MS) };
    } catch (error: unknown) {
      if (!(error instanceof GitHubFailure)) throw error;
      if (given === undefined && error.status === 404) installations.delete(where.repository);
      throw tokenRefused(error, what, options, installationId);
    }
  }

  function findInstallation(repository: string): Promise<number> {
    const known = installations.get(repository);
    if (known) return known;
    const found = lookUpInstallation(options, repository);
    installations.set(repository, found);
    found.catch(() => installations.delete(repository));
    return found;
  }

  function forgetExpired(): void {
    const now = clock.now();
    for (const [key, { arrived }] of entries) if (arrived && arrived.usableUntil <= now) entries.delete(key);
  }

  return {
    get(where) {
      forgetExpired();
      const key = keyOf(where);
      const known = entries.get(key);
      if (known) return known.token;
      const entry: Entry = { token: mint(where) };
      entries.set(key, entry);
      entry.token.then(
        (token) => {
          entry.arrived = token;
        },
        () => entries.delete(key),
      );
      return entry.token;
    },
    drop(where, refused) {
      const key = keyOf(where);
      if (entries.get(key)?.arrived === refused) entries.delete(key);
    },
  };
}

async function lookUpInstallation(options: AppTokensOptions, repository: string): Promise<number> {
  const what = `finding the App's installation in ${repository}`;
  const [owner, repo] = repository.split("/");
  try {
    const body = await sendToGitHub(
      options.appRequest,
      {
        route: "GET /repos/{owner}/{repo}/installation",
        parameters: { owner, repo },
        repeatable: true,
      },
      options.send,
    );
    return readBody(installationBody, what, body).id;
  } catch (error: unknown) {
    if (!(error instanceof GitHubFailure)) throw error;
    throw classifyGitHubFailure(error, { what, permission: "Metadata: read" }, options.clock.now());
  }
}

function tokenRefused(
  failure: GitHubFailure,
  what: string,
  options: AppTokensOptions,
  installationId: number,
): DispatcherError {
  const details = { status: failure.status, installationId };
  const permission = Object.entries(options.permissions)
    .map(([name, level]) => `${name}: ${level}`)
    .join(", ");
  if (failure.status === 422 && /permission/i.test(failure.message)) {
    return new RefusedError(`${what} was refused: give the App the permissions ${permission}`, { details });
  }
  if (failure.status === 422 || failure.status === 404) {
    return new NotFoundError(
      `${what} failed: installation ${installationId} does not exist or does not reach it; install the App there`,
      { details },
    );
  }
  const purpose: CallPurpose = { what, permission };
  return classifyGitHubFailure(failure, purpose, options.clock.now());
}

function nameOf(repository: string): string {
  return repository.slice(repository.indexOf("/") + 1);
}

function keyOf({ repository, installationId }: RepositoryRef): string {
  return `${installationId ?? ""}|${repository}`;
}
