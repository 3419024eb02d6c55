import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import type { Accounts, Owner, Repository } from "./accounts.ts";
import type { Ids } from "./ids.ts";

export type Access = "read" | "write";
export type Permissions = Record<string, Access>;

export interface AppOptions {
  slug?: string;
  /** Default: the slug. */
  name?: string;
  /** Default: the owner of the first repository. */
  owner?: Owner;
  /** Default: all that one of the calls served needs. */
  permissions?: Permissions;
  /** Events that the App's own webhook gets. */
  events?: string[];
  /** Accounts that installed the App: all of the account's repositories, or those named. Default: every owner, all. */
  installations?: { account: string; repositories?: "all" | string[] }[];
}

export interface App {
  id: number;
  clientId: string;
  slug: string;
  name: string;
  owner: Owner;
  /** PEM, PKCS#1, as GitHub hands it out. */
  privateKey: string;
  /** Of every key that is good: an App may have several while one is replaced. */
  publicKeys: string[];
  permissions: Permissions;
  events: string[];
  createdAt: number;
}

export interface Installation {
  id: number;
  app: App;
  account: Owner;
  /** Names in lower case; `all` follows the account. */
  repositories: "all" | Set<string>;
  permissions: Permissions;
  suspended: boolean;
  createdAt: number;
}

export interface Apps {
  create(options?: AppOptions): Promise<App>;
  /** Generates a further key and answers its private half; `revoke` ends it. */
  addKey(app: App): Promise<{ privateKey: string; revoke(): void }>;
  all(): App[];
  bySlug(slug: string): App | undefined;
  install(app: App, account: Owner, repositories?: "all" | string[]): Installation;
  uninstall(installation: Installation): void;
  /** By what `iss` of a JWT may be: the App's id or its client id. */
  byIssuer(issuer: string): App | undefined;
  installation(id: number): Installation | undefined;
  installationsOf(app: App): Installation[];
  installationFor(app: App, account: Owner): Installation | undefined;
  repositoriesOf(installation: Installation): Repository[];
  covers(installation: Installation, repository: Repository): boolean;
}

/** What the module's documentation asks for, and what the calls of later parts need. */
export const DEFAULT_PERMISSIONS: Permissions = {
  actions: "write",
  administration: "write",
  metadata: "read",
  organization_hooks: "write",
  organization_self_hosted_runners: "write",
  repository_hooks: "write",
};

const generate = promisify(generateKeyPair);

function generateKey(): Promise<{ privateKey: string; publicKey: string }> {
  return generate("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
}

/** The Apps of this GitHub, with real keys. */
export function createApps(accounts: Accounts, ids: Ids, owners: readonly Owner[], now: () => number): Apps {
  const apps: App[] = [];
  const installations: Installation[] = [];
  const install: Apps["install"] = (app, account, repositories = "all") => {
    const installation: Installation = {
      id: ids.next("installation"),
      app,
      account,
      repositories:
        repositories === "all" ? "all" : new Set(repositories.map((name) => name.replace(/^.*\//, "").toLowerCase())),
      permissions: { ...app.permissions },
      suspended: false,
      createdAt: now(),
    };
    installations.push(installation);
    return installation;
  };
  const covers: Apps["covers"] = (installation, repository) =>
    repository.owner.id === installation.account.id &&
    (installation.repositories === "all" || installation.repositories.has(repository.name.toLowerCase()));
  return {
    async create(options = {}) {
      const { owner = owners[0] } = options;
      if (owner === undefined) throw new Error("an App needs an owner: start GitHub with a repository or an owner");
      const pair = await generateKey();
      const slug = options.slug ?? `runners-${ids.hex(4)}`;
      const app: App = {
        id: ids.next("app"),
        clientId: `Iv23li${ids.text(14)}`,
        slug,
        name: options.name ?? slug,
        owner,
        privateKey: pair.privateKey,
        publicKeys: [pair.publicKey],
        permissions: { ...(options.permissions ?? DEFAULT_PERMISSIONS), metadata: "read" },
        events: options.events ?? ["workflow_job"],
        createdAt: now(),
      };
      apps.push(app);
      const wanted = options.installations ?? owners.map(({ login }) => ({ account: login }));
      for (const { account: login, repositories } of wanted as NonNullable<AppOptions["installations"]>) {
        install(app, accounts.owner(login) ?? accounts.addOwner(login), repositories);
      }
      return app;
    },
    async addKey(app) {
      const pair = await generateKey();
      app.publicKeys.push(pair.publicKey);
      const revoke = () => void app.publicKeys.splice(app.publicKeys.indexOf(pair.publicKey), 1);
      return { privateKey: pair.privateKey, revoke };
    },
    all: () => apps,
    bySlug: (slug) => apps.find((app) => app.slug === slug),
    install,
    uninstall: (installation) => void installations.splice(installations.indexOf(installation), 1),
    byIssuer: (issuer) => apps.find(({ id, clientId }) => String(id) === issuer || clientId === issuer),
    installation: (id) => installations.find((installation) => installation.id === id),
    installationsOf: (app) => installations.filter((installation) => installation.app === app),
    installationFor: (app, account) =>
      installations.find((installation) => installation.app === app && installation.account.id === account.id),
    repositoriesOf: (installation) =>
      accounts.repositoriesOf(installation.account).filter((repository) => covers(installation, repository)),
    covers,
  };
}
