import type { Owner } from "./accounts.ts";
import { appsPath } from "./app-views.ts";
import type { App } from "./apps.ts";
import { ManifestError } from "./manifests.ts";
import type { World } from "./world.ts";

/** A page that a browser asks for. */
export interface WebRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Of a form; empty else. */
  form: URLSearchParams;
  origin: string | undefined;
}

export interface WebAnswer {
  status: number;
  /** Where the browser is sent. */
  location?: string;
  html?: string;
}

/** Who sits at the browser. */
export interface Visitor {
  /** Undefined: not signed in. */
  login?: string;
  /** Accounts that are the visitor's to administer, by their names in lower case; `all` for every one. */
  owns: "all" | Set<string>;
  /** The Apps page of an organization redirects to a sign-on host of its own first. */
  signOn?: string;
}

/**
 * GitHub's own pages, as far as an App is made from a manifest and installed. Texts and form are ours; what is asked,
 * refused and answered is GitHub's (GitHub documentation, registering a GitHub App from a manifest; sharing your GitHub
 * App).
 */
export function createWeb(world: World, visitor: Visitor): (request: WebRequest) => Promise<WebAnswer | undefined> {
  const owns = (owner: Owner) => visitor.owns === "all" || visitor.owns.has(owner.login.toLowerCase());
  return async (request) => {
    const [, org] = /^\/organizations\/([^/]+)\/settings\/apps\/new$/.exec(request.path) ?? [];
    if (org !== undefined || request.path === "/settings/apps/new") {
      if (visitor.login === undefined) return { status: 200, html: page("Sign in", "<p>Sign in to GitHub.</p>") };
      const owner = world.accounts.owner(org ?? visitor.login);
      if (owner === undefined || !owns(owner) || (org !== undefined && owner.type !== "Organization")) return missing();
      return newApp(world, request, owner);
    }
    const install = new RegExp(`^/${appsPath(world.addresses.ghes)}/([^/]+)/installations/new(?:/permissions)?$`);
    const [, slug] = install.exec(request.path) ?? [];
    if (slug === undefined) return undefined;
    const app = world.apps.bySlug(slug);
    if (app === undefined) return missing();
    return installApp(world, request, app, { visitor, owns });
  };
}

async function newApp(world: World, { method, query, form, origin }: WebRequest, owner: Owner): Promise<WebAnswer> {
  if (method !== "POST") return { status: 200, html: page("Register new GitHub App", "<p>An empty form.</p>") };
  // Nobody has told whether GitHub minds a form that hides where it comes from: the lab refuses it.
  if (origin === undefined || origin === "null")
    return { status: 422, html: page("Unprocessable", "<p>No Origin.</p>") };
  try {
    const manifest = world.manifests.read(form.get("manifest") ?? "");
    const state = query.get("state") ?? form.get("state") ?? "";
    const name = form.get("name");
    if (name === null)
      return { status: 200, html: confirmPage(owner, form.get("manifest") ?? "", state, manifest.name) };
    const code = await world.manifests.confirm(manifest, owner, name);
    const back = new URL(manifest.redirectUrl);
    back.searchParams.set("code", code);
    if (state !== "") back.searchParams.set("state", state);
    return { status: 302, location: back.toString() };
  } catch (error: unknown) {
    if (!(error instanceof ManifestError)) throw error;
    const text = `<h1>Invalid GitHub App configuration</h1><p>The configuration does not appear to be a valid GitHub App manifest.</p><p role="alert">Error ${entities(error.message)}</p>`;
    return { status: 422, html: page("Invalid GitHub App configuration", text) };
  }
}

function confirmPage(owner: Owner, manifest: string, state: string, name: string): string {
  return page(
    "Create GitHub App",
    `<h1>Create GitHub App for ${entities(owner.login)}</h1>
<form method="post"><input type="hidden" name="manifest" value="${entities(manifest)}"><input type="hidden" name="state" value="${entities(state)}">
<label>GitHub App name <input name="name" maxlength="34" value="${entities(name)}"></label>
<button>Create GitHub App for ${entities(owner.login)}</button></form>`,
  );
}

function installApp(
  world: World,
  { method, form, query }: WebRequest,
  app: App,
  { visitor, owns }: { visitor: Visitor; owns(owner: Owner): boolean },
): WebAnswer {
  const suggested = Number(query.get("suggested_target_id"));
  const account = suggested === 0 || suggested === app.owner.id ? app.owner : undefined;
  // A private App can be installed in its owner's account alone.
  if (account === undefined || visitor.login === undefined) return missing();
  if (method !== "POST") {
    const word = owns(account) ? "Install" : "Request";
    const html = `<h1>Install ${entities(app.name)}</h1><p>on ${entities(account.login)}</p>
<form method="post"><fieldset><legend>Repositories</legend><label><input type="radio" name="repositories" value="all" checked> All repositories</label>
<label><input type="radio" name="repositories" value="selected"> Only select repositories</label><label>Names <input name="names"></label></fieldset>
<button>${word}</button></form>`;
    return { status: 200, html: page(`Install ${app.name}`, html) };
  }
  if (!owns(account)) {
    world.manifests.request(app, account, world.accounts.addOwner(visitor.login, "User"));
    return { status: 200, html: page("Requested", "<h1>An owner was asked</h1>") };
  }
  const names = (form.get("names") ?? "").split(/[ ,]+/).filter((name) => name !== "");
  const known = world.apps.installationFor(app, account);
  const installation =
    known ?? world.apps.install(app, account, form.get("repositories") === "selected" ? names : "all");
  return { status: 302, location: `${world.addresses.htmlUrl}/settings/installations/${installation.id}` };
}

function missing(): WebAnswer {
  return {
    status: 404,
    html: page("Page not found", "<h1>404</h1><p>This is not the web page you are looking for.</p>"),
  };
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${entities(title)}</title><main>${body}</main></html>`;
}

function entities(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
