/**
 * What the GitHub App must be allowed. Token requests, errors, `doctor` and the documents' table read it here
 * (GitHub REST documentation, "Permissions required for GitHub Apps").
 */

export type PermissionLevel = "read" | "write";

export interface AppPermission {
  readonly level: PermissionLevel;
  /** The section of GitHub's settings, and the name there. */
  readonly section: "Repository" | "Organization";
  readonly setting: string;
  readonly why: string;
}

/** By GitHub's key. */
export const APP_PERMISSIONS = {
  administration: {
    level: "write",
    section: "Repository",
    setting: "Administration",
    why: "registers and removes the runners",
  },
  actions: {
    level: "read",
    section: "Repository",
    setting: "Actions",
    why: "tells whether a job is still queued, and what started its run",
  },
  metadata: { level: "read", section: "Repository", setting: "Metadata", why: "comes with the others" },
  organization_self_hosted_runners: {
    level: "write",
    section: "Organization",
    setting: "Self-hosted runners",
    why: "with `runner_group_id`, in place of Administration",
  },
  organization_hooks: {
    level: "write",
    section: "Organization",
    setting: "Webhooks",
    why: "Terraform creates the organization's webhook; failed deliveries are sent again",
  },
  repository_hooks: {
    level: "write",
    section: "Repository",
    setting: "Webhooks",
    why: "the same, with `github_repositories`",
  },
} as const satisfies Record<string, AppPermission>;

export type PermissionKey = keyof typeof APP_PERMISSIONS;

/** What a token is asked for, as GitHub's `permissions` has it. */
export type PermissionRequest = Readonly<Partial<Record<PermissionKey, PermissionLevel>>>;

function only<const Key extends PermissionKey>(...keys: readonly Key[]): Readonly<Record<Key, PermissionLevel>> {
  // `fromEntries` forgets the keys' type.
  return Object.fromEntries(keys.map((key) => [key, APP_PERMISSIONS[key].level])) as Record<Key, PermissionLevel>;
}

/** Runners that are registered in their job's repository. */
export const REPOSITORY_RUNNERS = only("actions", "administration");

/** Runners that are registered in a runner group of the organization. */
export const GROUP_RUNNERS = only("actions", "organization_self_hosted_runners");

/** What GitHub offers of its runner, and what it refuses: reading is enough. */
export const RUNNER_RELEASES = {
  organization: { organization_self_hosted_runners: "read" },
  repository: { administration: "read" },
} as const satisfies Record<string, PermissionRequest>;

/** The webhooks that Terraform manages; the App's own webhook needs no permission. */
export const MANAGED_HOOKS = {
  organization: only("organization_hooks"),
  repository: only("repository_hooks"),
} as const;

/** As GitHub's settings page of the App names it: `Repository permissions, Administration: Read and write`. */
export function permissionLabel(key: PermissionKey, level: PermissionLevel = APP_PERMISSIONS[key].level): string {
  const { section, setting } = APP_PERMISSIONS[key];
  return `${section} permissions, ${setting}: ${accessLabel(level)}`;
}

/** GitHub's settings say `Read-only`; its messages and documents say `Read`. */
export function accessLabel(level: PermissionLevel): string {
  return level === "write" ? "Read and write" : "Read";
}

/** The request's keys and levels, one by one. */
export function requested(request: PermissionRequest): readonly (readonly [PermissionKey, PermissionLevel])[] {
  const keys = Object.keys(APP_PERMISSIONS) as PermissionKey[];
  return keys.flatMap((key) => {
    const level = request[key];
    return level === undefined ? [] : [[key, level] as const];
  });
}

/** As errors have it: `actions: read, administration: write`. */
export function requestLabel(request: PermissionRequest): string {
  return requested(request)
    .map(([key, level]) => `${key}: ${level}`)
    .join(", ");
}
