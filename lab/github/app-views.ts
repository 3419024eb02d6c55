import type { App, Installation } from "./apps.ts";
import type { View, Views } from "./view.ts";
import { type Addresses, nodeId, timestamp } from "./world.ts";

/**
 * Where an App's public page is: a GitHub Enterprise Server has its own (Enterprise Server documentation, sharing your
 * App).
 */
export function appsPath(ghes: boolean): string {
  return ghes ? "github-apps" : "apps";
}

/** How the API writes Apps and their installations. */
export function appViews(
  { apiUrl, htmlUrl, ghes }: Addresses,
  { owner }: Pick<Views, "owner">,
): Pick<Views, "app" | "installation"> {
  return {
    app: (subject: App, installationsCount: number): View => ({
      id: subject.id,
      client_id: subject.clientId,
      slug: subject.slug,
      node_id: nodeId("A", subject.id),
      owner: owner(subject.owner),
      name: subject.name,
      description: null,
      external_url: htmlUrl,
      html_url: `${htmlUrl}/${appsPath(ghes)}/${subject.slug}`,
      created_at: timestamp(subject.createdAt),
      updated_at: timestamp(subject.createdAt),
      permissions: subject.permissions,
      events: subject.events,
      installations_count: installationsCount,
    }),
    installation: (subject: Installation): View => ({
      id: subject.id,
      client_id: subject.app.clientId,
      account: owner(subject.account),
      repository_selection: subject.repositories === "all" ? "all" : "selected",
      access_tokens_url: `${apiUrl}/app/installations/${subject.id}/access_tokens`,
      repositories_url: `${apiUrl}/installation/repositories`,
      html_url: `${htmlUrl}/settings/installations/${subject.id}`,
      app_id: subject.app.id,
      app_slug: subject.app.slug,
      target_id: subject.account.id,
      target_type: subject.account.type,
      permissions: subject.permissions,
      events: subject.app.events,
      created_at: timestamp(subject.createdAt),
      updated_at: timestamp(subject.createdAt),
      single_file_name: null,
      has_multiple_single_files: false,
      single_file_paths: [],
      suspended_by: subject.suspended ? owner(subject.account) : null,
      suspended_at: subject.suspended ? timestamp(subject.createdAt) : null,
    }),
  };
}
