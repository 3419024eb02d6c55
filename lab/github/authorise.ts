import type { Repository } from "./accounts.ts";
import { ApiError, notFound } from "./api-error.ts";
import { looksLikeJwt, verifyAppJwt } from "./app-jwt.ts";
import type { App } from "./apps.ts";
import type { Need } from "./permissions.ts";
import type { RunnerScope } from "./runners.ts";
import { allows, type InstallationToken } from "./tokens.ts";
import type { World } from "./world.ts";

export type Caller =
  | { kind: "app"; app: App }
  | { kind: "installation"; token: InstallationToken }
  /** Whoever says nothing of themselves. */
  | { kind: "nobody" };

/**
 * Who calls, by the `Authorization` header; throws 401 for one that GitHub does not know, and for none where one is
 * needed.
 */
export function authenticate(world: World, header: string | undefined, need: Need): Caller {
  if (header === undefined && need.by === "anyone") return { kind: "nobody" };
  const [, credential] = /^(?:bearer|token) +(\S+)$/i.exec(header ?? "") ?? [];
  if (credential === undefined)
    throw new ApiError(401, header === undefined ? "Requires authentication" : "Bad credentials");
  if (looksLikeJwt(credential)) {
    return { kind: "app", app: verifyAppJwt(credential, world.apps, world.clock.now()) };
  }
  const token = world.tokens.find(credential);
  if (token === undefined) throw new ApiError(401, "Bad credentials");
  return { kind: "installation", token };
}

/** Whose hour a call counts in. */
export function principalOf(caller: Caller): string {
  if (caller.kind === "nobody") return "127.0.0.1";
  return caller.kind === "app" ? `app ID ${caller.app.id}` : `installation ID ${caller.token.installation.id}`;
}

/**
 * What the call is about, once the caller may make it. Like GitHub it answers 404 for what the token does not reach, so
 * that nothing is told about it, and 403 for what it reaches without the permission.
 */
export function authorise(world: World, caller: Caller, need: Need, params: Params): RunnerScope | undefined {
  if (need.by === "anyone") return undefined;
  if (need.by === "app") {
    if (caller.kind !== "app") throw new ApiError(401, "A JSON web token could not be decoded");
    return undefined;
  }
  if (caller.kind !== "installation") throw new ApiError(401, "Bad credentials");
  // integrations/terraform-provider-github issue 1163 has this answer to GET /user for the token of an Actions job.
  if (need.by === "user") throw notAccessible();
  if (need.on === "itself") return undefined;
  const { token } = caller;
  const { permission, access } = need;
  const permitted = allows(token.permissions, permission, access);
  if (need.on === "organization") {
    const owner = world.accounts.owner(String(params.org));
    if (owner === undefined || owner.type !== "Organization") throw notFound();
    if (token.installation.account.id !== owner.id) throw notFound();
    if (!permitted) throw notAccessible();
    return { kind: "organization", owner };
  }
  const repository = world.accounts.repository(`${params.owner}/${params.repo}`);
  if (repository === undefined) throw notFound();
  if (!reaches(world, token, repository)) {
    if (repository.private) throw notFound();
    if (access === "write" || !PUBLIC.has(permission)) throw notAccessible();
    return { kind: "repository", repository };
  }
  if (!permitted) throw notAccessible();
  return { kind: "repository", repository };
}

export type Params = Record<string, unknown>;

/** What anybody may read of a public repository. */
const PUBLIC = new Set(["metadata", "actions"]);

function reaches(world: World, token: InstallationToken, repository: Repository): boolean {
  if (!world.apps.covers(token.installation, repository)) return false;
  return token.repositories === undefined || token.repositories.some(({ id }) => id === repository.id);
}

function notAccessible(): ApiError {
  return new ApiError(403, "Resource not accessible by integration");
}
