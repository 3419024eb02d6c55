import type { PermissionRequest } from "../../../contract/permissions.ts";
import { type HookKind, permissionsNeeded } from "../../core/judge-github.ts";

/** What a deployment is to serve, and how its jobs are brought. */
export interface Wish {
  readonly owner: string;
  readonly ownerType: "Organization" | "User";
  /** Names without their owner; none: all of the organization's. */
  readonly repositories: readonly string[];
  /** Whose webhook brings the jobs. */
  readonly webhook: HookKind;
  readonly runnerGroupId?: number | undefined;
}

/** What the App must be allowed for it, and no more. */
export function permissionsFor({ webhook, runnerGroupId }: Wish): PermissionRequest {
  return permissionsNeeded(webhook, runnerGroupId !== undefined);
}

/** What is wrong with a wish; undefined where nothing is. */
export function problemWith({ owner, ownerType, repositories, webhook, runnerGroupId }: Wish): string | undefined {
  if (ownerType === "User" && repositories.length === 0) {
    return `${owner} is a user, who has no webhook for all repositories: name them with --repositories`;
  }
  if (ownerType === "User" && runnerGroupId !== undefined)
    return `${owner} is a user: runner groups are an organization's`;
  if (webhook === "organization" && ownerType === "User") return `${owner} is a user: --webhook organization is none's`;
  if (webhook === "repository" && repositories.length === 0) return "--webhook repository wants --repositories";
  return undefined;
}
