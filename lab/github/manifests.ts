import type { Owner } from "./accounts.ts";
import type { Access, App, Apps, Permissions } from "./apps.ts";
import type { Hooks } from "./hooks.ts";
import type { Ids } from "./ids.ts";

/** GitHub refuses the configuration of an App; the message is its own, as others met it. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";
}

/** A manifest that GitHub takes. */
export interface Manifest {
  readonly name: string;
  readonly url: string;
  readonly redirectUrl: string;
  readonly public: boolean;
  readonly permissions: Permissions;
  readonly events: readonly string[];
  readonly hookUrl?: string;
}

/** Somebody who is no owner asked for the App. */
export interface InstallationRequest {
  readonly id: number;
  readonly app: App;
  readonly account: Owner;
  readonly requester: Owner;
  readonly at: number;
}

export interface Manifests {
  /** Throws {@link ManifestError}. */
  read(text: string): Manifest;
  /** Makes the App, and a code for its credentials. */
  confirm(manifest: Manifest, owner: Owner, name: string): Promise<string>;
  /** The App of a code, once; undefined for one that was used, is an hour old or never was. */
  convert(code: string): App | undefined;
  request(app: App, account: Owner, requester: Owner): void;
  requests(): readonly InstallationRequest[];
}

/** "You must complete this step within one hour" (GitHub documentation, registering a GitHub App from a manifest). */
const CODE_LIFE_MS = 3_600_000;
/** GitHub documentation, registering a GitHub App: "The name cannot be longer than 34 characters". */
const LONGEST_NAME = 34;

/** GitHub documentation, registering a GitHub App from a manifest, GitHub App Manifest parameters. */
const KEYS = [
  ...["name", "url", "hook_attributes", "redirect_url", "callback_urls", "setup_url", "description", "public"],
  ...["default_events", "default_permissions", "request_oauth_on_install", "setup_on_update"],
];
/**
 * Of GitHub's some 60 those that this project could name; `emails` under another name was refused (hunvreus/pagescms PR
 * 409).
 */
const PERMISSIONS = [
  ...["actions", "administration", "checks", "contents", "deployments", "issues", "metadata", "pull_requests"],
  ...["organization_hooks", "organization_self_hosted_runners", "organization_administration", "repository_hooks"],
  ...["members", "packages", "secrets", "statuses", "workflows"],
];
/** An event is offered only with its permission (GitHub documentation, webhook events and payloads). */
const EVENT_NEEDS: Readonly<Record<string, string>> = { workflow_job: "actions", workflow_run: "actions" };

/** Apps that are made from manifests. */
export function createManifests(apps: Apps, hooks: Hooks, ids: Ids, now: () => number): Manifests {
  const codes = new Map<string, { app: App; until: number }>();
  const requests: InstallationRequest[] = [];
  return {
    read: readManifest,
    async confirm(manifest, owner, name) {
      if (name === "" || name.length > LONGEST_NAME) {
        throw new ManifestError(`Name is too long (maximum is ${LONGEST_NAME} characters)`);
      }
      if (apps.all().some((app) => app.name.toLowerCase() === name.toLowerCase())) {
        throw new ManifestError("Name is already taken");
      }
      const app = await apps.create({
        slug: name
          .toLowerCase()
          .replace(/[^a-z0-9]+/g, "-")
          .replace(/^-|-$/g, ""),
        name,
        owner,
        permissions: manifest.permissions,
        events: [...manifest.events],
        installations: [],
      });
      if (manifest.hookUrl !== undefined) {
        hooks.create(
          { kind: "app", app },
          { url: manifest.hookUrl, events: [...manifest.events], contentType: "json" },
        );
      }
      const code = ids.hex(40);
      codes.set(code, { app, until: now() + CODE_LIFE_MS });
      return code;
    },
    convert(code) {
      const found = codes.get(code);
      codes.delete(code);
      return found !== undefined && found.until > now() ? found.app : undefined;
    },
    request(app, account, requester) {
      if (requests.some((each) => each.app === app && each.account.id === account.id)) return;
      requests.push({ id: ids.below(1_000_000), app, account, requester, at: now() });
    },
    requests: () => requests,
  };
}

type Json = Readonly<Record<string, unknown>>;

function readManifest(text: string): Manifest {
  const manifest = parse(text);
  const unknown = Object.keys(manifest).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw new ManifestError(`"${unknown}" is not a permitted key.`);
  const url = textOf(manifest, "url");
  if (!URL.canParse(url)) throw new ManifestError(`"url" must be a valid URL.`);
  const redirectUrl = textOf(manifest, "redirect_url");
  if (!URL.canParse(redirectUrl)) throw new ManifestError(`"redirect_url" must be a valid URL.`);
  const permissions = readPermissions(objectOf(manifest, "default_permissions"));
  const events = readEvents(manifest.default_events, permissions);
  const hookUrl = manifest.hook_attributes === undefined ? undefined : readHook(objectOf(manifest, "hook_attributes"));
  if (events.length > 0 && hookUrl === undefined) {
    throw new ManifestError("Default events cannot be subscribed to without a webhook");
  }
  return {
    name: typeof manifest.name === "string" ? manifest.name : "",
    ...{ url, redirectUrl, permissions, events },
    public: manifest.public === true,
    ...(hookUrl === undefined ? {} : { hookUrl }),
  };
}

function parse(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Said below, as of any other text.
  }
  throw new ManifestError("The configuration does not appear to be a valid GitHub App manifest.");
}

/** The name without its parent, which misled many (vikasprogrammer/agentric PR 317, handarbeit/fabrik issue 1711). */
function textOf(from: Json, key: string): string {
  const value = from[key];
  if (value === undefined || value === "") throw new ManifestError(`"${key}" wasn't supplied.`);
  // Not a text: probot/probot issue 806.
  if (typeof value !== "string")
    throw new ManifestError(`For 'properties/${key}', ${JSON.stringify(value)} is not a string.`);
  return value;
}

function objectOf(from: Json, key: string): Json {
  const value = from[key] ?? {};
  if (typeof value !== "object" || Array.isArray(value)) throw new ManifestError(`"${key}" is not an object.`);
  return { ...value };
}

/** A secret is not taken here, and is set afterwards (hunvreus/pagescms PR 409). */
function readHook(hook: Json): string {
  const unknown = Object.keys(hook).find((key) => key !== "url" && key !== "active");
  if (unknown !== undefined) throw new ManifestError(`"${unknown}" is not a permitted key.`);
  const url = textOf(hook, "url");
  const host = URL.canParse(url) ? new URL(url).hostname : "";
  if (host === "" || /^(localhost|127\.|\[::1\])/.test(host)) {
    throw new ManifestError("Hook url is not supported because it isn't reachable over the public Internet");
  }
  return url;
}

function readPermissions(given: Json): Permissions {
  return Object.fromEntries(
    Object.entries(given).map(([name, access]) => {
      if (!PERMISSIONS.includes(name)) throw new ManifestError(`"${name}" is not a permission.`);
      if (!isAccess(access)) throw new ManifestError(`"${String(access)}" is not an access level of ${name}.`);
      return [name, access];
    }),
  );
}

function isAccess(value: unknown): value is Access {
  return value === "read" || value === "write";
}

function readEvents(given: unknown, permissions: Permissions): string[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) throw new ManifestError(`"default_events" is not an array.`);
  return given.map((event) => {
    const need = EVENT_NEEDS[String(event)];
    if (need === undefined || permissions[need] === undefined) {
      throw new ManifestError(`Default events unsupported: ${String(event)}`);
    }
    return String(event);
  });
}
