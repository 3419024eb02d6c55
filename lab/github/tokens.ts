import type { Repository } from "./accounts.ts";
import { ApiError } from "./api-error.ts";
import type { Access, Apps, Installation, Permissions } from "./apps.ts";
import type { Ids } from "./ids.ts";

const LIFE_MS = 3_600_000;

export interface InstallationToken {
  token: string;
  installation: Installation;
  /** Absent: whatever the installation covers. */
  repositories?: Repository[];
  permissions: Permissions;
  expiresAt: number;
}

export interface TokenRequest {
  repositories?: string[];
  repository_ids?: number[];
  permissions?: Record<string, string>;
}

export interface Tokens {
  create(installation: Installation, request: TokenRequest): InstallationToken;
  /** Undefined for one that never was, is revoked or has expired. */
  find(token: string): InstallationToken | undefined;
  revoke(token: string): void;
  /** Every token ever handed out, for looking for leaks. */
  all(): readonly InstallationToken[];
}

/** Installation access tokens. */
export function createTokens(apps: Apps, ids: Ids, now: () => number): Tokens {
  const tokens = new Map<string, InstallationToken>();
  const revoked = new Set<string>();
  return {
    create(installation, request) {
      if (installation.suspended) throw new ApiError(403, "This installation has been suspended");
      const repositories = namedRepositories(apps.repositoriesOf(installation), request);
      const token: InstallationToken = {
        token: newToken(ids),
        installation,
        ...(repositories === undefined ? {} : { repositories }),
        permissions: namedPermissions(installation.permissions, request.permissions),
        expiresAt: now() + LIFE_MS,
      };
      tokens.set(token.token, token);
      return token;
    },
    find(text) {
      const token = tokens.get(text);
      if (token === undefined || revoked.has(text) || token.expiresAt <= now()) return undefined;
      return token.installation.suspended ? undefined : token;
    },
    revoke: (text) => void revoked.add(text),
    all: () => [...tokens.values()],
  };
}

/** About 520 characters with dots and hyphens among them (GitHub changelog, 2026-04-24 and 2026-05-15). */
function newToken(ids: Ids): string {
  const part = (length: number) => `${ids.text(length / 2)}-${ids.text(length / 2 - 1)}`;
  return `ghs_${ids.below(9_000_000)}_${part(36)}.${part(130)}.${part(342)}`;
}

function namedRepositories(covered: Repository[], { repositories, repository_ids }: TokenRequest) {
  if (repositories === undefined && repository_ids === undefined) return undefined;
  const byName = repositories?.map((name) =>
    covered.find((repository) => repository.name.toLowerCase() === name.toLowerCase()),
  );
  const byId = repository_ids?.map((id) => covered.find((repository) => repository.id === id));
  const found = [...(byName ?? []), ...(byId ?? [])].filter((repository) => repository !== undefined);
  if (found.length < (byName?.length ?? 0) + (byId?.length ?? 0)) {
    throw new ApiError(
      422,
      "There is at least one repository that does not exist or is not accessible to the parent installation.",
    );
  }
  return [...new Set(found)];
}

function namedPermissions(granted: Permissions, wanted: Record<string, string> | undefined): Permissions {
  if (wanted === undefined) return { ...granted };
  const permissions: Permissions = { metadata: "read" };
  for (const [name, access] of Object.entries(wanted)) {
    if (access !== "read" && access !== "write") throw notGranted();
    if (!allows(granted, name, access)) throw notGranted();
    permissions[name] = access;
  }
  return permissions;
}

/** Whether the permissions hold this one; write includes read. */
export function allows(permissions: Permissions, name: string, access: Access): boolean {
  const granted = permissions[name];
  return granted === "write" || granted === access;
}

function notGranted(): ApiError {
  return new ApiError(422, "The permissions requested are not granted to this installation.");
}
