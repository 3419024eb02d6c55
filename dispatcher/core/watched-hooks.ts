import type { ManagedHooks } from "../../contract/secrets.ts";
import type { WatchedHook } from "./views.ts";

/** Which webhooks are looked after: those that Terraform manages, or else the App's own. */
export function watchedHooks(owner: string, { organization, repositories }: ManagedHooks): WatchedHook[] {
  const managed: WatchedHook[] = Object.entries(repositories).map(([name, hookId]) => ({
    kind: "repository",
    repository: `${owner}/${name}`,
    hookId,
  }));
  if (organization != null) managed.push({ kind: "organization", organization: owner, hookId: organization });
  return managed.length > 0 ? managed : [{ kind: "app" }];
}
