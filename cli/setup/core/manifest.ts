import { REPOSITORY_URL } from "../../../contract/module-source.ts";
import { requested } from "../../../contract/permissions.ts";
import type { GitHubPlace } from "./github-place.ts";
import { permissionsFor, type Wish } from "./wish.ts";

/** "The name cannot be longer than 34 characters" (GitHub documentation, registering a GitHub App). */
const LONGEST_NAME = 34;
/** Where an App's own webhook leads until the deployment has an address: a name that can never exist (RFC 2606). */
export const PLACEHOLDER_HOOK = "https://gha-microvm.invalid/not-deployed-yet";
const JOB_EVENT = "workflow_job";

/** What the App is proposed to be called. */
export function appName(prefix: string, owner: string): string {
  return `${prefix}-${owner}`.slice(0, LONGEST_NAME).replace(/-+$/, "");
}

/**
 * The manifest that GitHub makes the App from. A webhook that has no address is refused, and a secret too, so neither
 * stands here unless the App's own webhook is to bring the jobs. A `setup_url` would stay for ever and lead to a port
 * that is gone.
 */
export function manifestOf(wish: Wish, name: string, redirectUrl: string): object {
  return {
    name,
    url: REPOSITORY_URL,
    redirect_url: redirectUrl,
    public: false,
    default_permissions: Object.fromEntries(requested(permissionsFor(wish))),
    ...(wish.webhook === "app"
      ? { hook_attributes: { url: PLACEHOLDER_HOOK, active: true }, default_events: [JOB_EVENT] }
      : {}),
  };
}

/** The page of GitHub that makes an App for the owner. */
export function newAppUrl({ htmlUrl }: GitHubPlace, { owner, ownerType }: Wish): string {
  const whose = ownerType === "Organization" ? `/organizations/${encodeURIComponent(owner)}` : "";
  return `${htmlUrl}${whose}/settings/apps/new`;
}

/** That page with everything filled in (GitHub documentation, registering a GitHub App using URL parameters). */
export function filledInUrl(place: GitHubPlace, wish: Wish, name: string): string {
  const url = new URL(newAppUrl(place, wish));
  const isApps = wish.webhook === "app";
  const parameters: [string, string][] = [
    ["name", name],
    ["url", REPOSITORY_URL],
    ["public", "false"],
    ["webhook_active", String(isApps)],
    ...(isApps
      ? ([
          ["webhook_url", PLACEHOLDER_HOOK],
          ["events[]", JOB_EVENT],
        ] satisfies [string, string][])
      : []),
    ...requested(permissionsFor(wish)).map(([key, level]): [string, string] => [key, level]),
  ];
  for (const [key, value] of parameters) url.searchParams.append(key, value);
  return url.toString();
}

/** Where the App is installed in its owner's account (GitHub documentation, sharing your GitHub App). */
export function installUrl(appUrl: string, ownerId: number | undefined): string {
  return `${appUrl}/installations/new${ownerId === undefined ? "" : `/permissions?suggested_target_id=${ownerId}`}`;
}

/** Where the App's keys are made, and where it can be deleted. */
export function appSettingsUrl({ htmlUrl }: GitHubPlace, { owner, ownerType }: Wish, slug: string): string {
  const whose = ownerType === "Organization" ? `/organizations/${encodeURIComponent(owner)}` : "";
  return `${htmlUrl}${whose}/settings/apps/${slug}`;
}
