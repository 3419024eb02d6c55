import type { GitHubApp } from "../github/create-github.ts";
import type { CachedSecret } from "../secret-cache.ts";
import type { AppSecrets } from "./app-secrets.ts";

/** The App of the secrets read last, with a key that follows them. */
export function gitHubAppOf({ secret }: AppSecrets, secrets: CachedSecret<AppSecrets>): GitHubApp {
  const { app_id: appId, installation_id: installationId } = secret.github_app;
  return {
    appId,
    ...(installationId ? { installationId: Number(installationId) } : {}),
    key: {
      current: async () => (await secrets.get()).sign,
      async renewed(refused) {
        const { sign } = await secrets.get();
        if (sign !== refused) return sign;
        // Where nothing is read anew, somebody else has asked for it a moment ago, and that answer may be under way.
        const fresh = (await secrets.refresh()) ?? (await secrets.get());
        return fresh.sign === refused ? undefined : fresh.sign;
      },
    },
  };
}

/**
 * What `make` makes of the App, made anew only when the secrets read name another App: one App keeps its client, and
 * with it the installation tokens that are still good, also when its key changes.
 */
export function perApp<T>(secrets: CachedSecret<AppSecrets>, make: (app: GitHubApp) => T): (read: AppSecrets) => T {
  let last: { identity: string; made: T } | undefined;
  return (read) => {
    const { app_id, installation_id } = read.secret.github_app;
    const identity = `${app_id}/${installation_id ?? ""}`;
    if (last?.identity !== identity) last = { identity, made: make(gitHubAppOf(read, secrets)) };
    return last.made;
  };
}
