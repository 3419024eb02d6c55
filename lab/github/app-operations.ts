import { ApiError, notFound } from "./api-error.ts";
import type { App, Installation } from "./apps.ts";
import type { Caller } from "./authorise.ts";
import { type Call, type Operations, page } from "./operation.ts";
import type { InstallationToken, TokenRequest } from "./tokens.ts";
import { timestamp } from "./world.ts";

/** The App itself, its installations and their tokens. */
export const appOperations: Operations = {
  "apps/get-authenticated": (call) => {
    const app = appOf(call.caller);
    return { status: 200, body: call.views.app(app, call.world.apps.installationsOf(app).length) };
  },
  "apps/create-from-manifest": (call) => {
    // "All API requests must include a valid User-Agent header" (REST API, getting started).
    if (!call.userAgent) throw new ApiError(403, "Request forbidden by administrative rules.");
    const app = known(call.world.manifests.convert(call.params.code ?? ""));
    return {
      status: 201,
      body: {
        ...call.views.app(app, 0),
        client_id: app.clientId,
        client_secret: call.world.ids.hex(20),
        webhook_secret: null,
        pem: app.privateKey,
      },
    };
  },
  "apps/list-installation-requests-for-authenticated-app": (call) => {
    const app = appOf(call.caller);
    const requests = call.world.manifests.requests().filter((each) => each.app === app);
    const { items, headers } = page(call, requests);
    const body = items.map(({ id, account, requester, at }) => ({
      id,
      account: call.views.owner(account),
      requester: call.views.owner(requester),
      created_at: timestamp(at),
    }));
    return { status: 200, body, headers };
  },
  "apps/delete-installation": (call) => {
    call.world.apps.uninstall(namedInstallation(call));
    return { status: 204 };
  },
  "apps/get-user-installation": (call) => {
    const owner = call.world.accounts.owner(call.params.username ?? "");
    if (owner?.type !== "User") throw notFound();
    return { status: 200, body: call.views.installation(known(installationFor(call, owner.login))) };
  },
  "apps/list-installations": (call) => {
    const { items, headers } = page(call, call.world.apps.installationsOf(appOf(call.caller)));
    return { status: 200, body: items.map(call.views.installation), headers };
  },
  "apps/get-installation": (call) => ({ status: 200, body: call.views.installation(namedInstallation(call)) }),
  "apps/get-org-installation": (call) => {
    const owner = call.world.accounts.owner(call.params.org ?? "");
    if (owner?.type !== "Organization") throw notFound();
    return { status: 200, body: call.views.installation(known(installationFor(call, owner.login))) };
  },
  "apps/get-repo-installation": (call) => {
    const repository = call.world.accounts.repository(`${call.params.owner}/${call.params.repo}`);
    const installation = known(repository && installationFor(call, repository.owner.login));
    if (repository === undefined || !call.world.apps.covers(installation, repository)) throw notFound();
    return { status: 200, body: call.views.installation(installation) };
  },
  "apps/create-installation-access-token": (call) => {
    const request = call.body as TokenRequest;
    const token = call.world.tokens.create(namedInstallation(call), request);
    call.world.events.emit("token.created", {
      installationId: token.installation.id,
      repositories: token.repositories?.map(({ fullName }) => fullName).join(",") ?? "all",
    });
    return {
      status: 201,
      body: {
        token: token.token,
        expires_at: timestamp(token.expiresAt),
        permissions: token.permissions,
        repository_selection:
          token.repositories !== undefined || token.installation.repositories !== "all" ? "selected" : "all",
        ...(token.repositories === undefined ? {} : { repositories: token.repositories.map(call.views.repository) }),
      },
    };
  },
  "apps/list-repos-accessible-to-installation": (call) => {
    const { installation, repositories } = tokenOf(call.caller);
    const reached = repositories ?? call.world.apps.repositoriesOf(installation);
    const { items, headers } = page(call, reached);
    return {
      status: 200,
      body: {
        total_count: reached.length,
        repository_selection: installation.repositories === "all" ? "all" : "selected",
        repositories: items.map(call.views.repository),
      },
      headers,
    };
  },
  "apps/revoke-installation-access-token": (call) => {
    call.world.tokens.revoke(tokenOf(call.caller).token);
    return { status: 204 };
  },
};

/** The App that calls. */
export function appOf(caller: Caller): App {
  if (caller.kind !== "app") throw new Error("the operation is not one for an App's JWT");
  return caller.app;
}

function tokenOf(caller: Caller): InstallationToken {
  if (caller.kind !== "installation") throw new Error("the operation is not one for an installation token");
  return caller.token;
}

function namedInstallation(call: Call): Installation {
  const installation = call.world.apps.installation(Number(call.params.installation_id));
  // Another App's installation does not exist for this one.
  return known(installation?.app === appOf(call.caller) ? installation : undefined);
}

function installationFor(call: Call, login: string): Installation | undefined {
  const owner = call.world.accounts.owner(login);
  return owner && call.world.apps.installationFor(appOf(call.caller), owner);
}

function known<T>(found: T | undefined): T {
  if (found === undefined) throw notFound();
  return found;
}
