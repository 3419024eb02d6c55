import { type LabClock, realClock } from "../aws/clock.ts";
import { createEventLog, type EventLog } from "../aws/event-log.ts";
import type { Backend } from "../terraform/behaviour.ts";
import { createAccounts, type Owner, type RepositoryOptions } from "./accounts.ts";
import { type Api, createApi } from "./api.ts";
import { type App, type AppOptions, type Apps, createApps, type Permissions } from "./apps.ts";
import { type Broker, createBroker } from "./broker.ts";
import { type ApiCall, type PrivilegeReport, reportPrivileges } from "./call-log.ts";
import { createDeliveries, type Deliveries } from "./deliveries.ts";
import { createHooks, type Hook, type HookConfig, type HookTarget } from "./hooks.ts";
import { createIds } from "./ids.ts";
import { createJobs, type Job, type Jobs, type QueueJobOptions } from "./jobs.ts";
import { createManifests } from "./manifests.ts";
import { notifyHooks } from "./notify-hooks.ts";
import { createRateLimits, type RateLimits } from "./rate-limits.ts";
import { createRunnerReleases, type RunnerReleases } from "./runner-releases.ts";
import { createRunners, type Runner, type RunnerGroup } from "./runners.ts";
import { apiUrlOf, BROKER_PATH, listen } from "./server.ts";
import { githubBackend } from "./terraform-provider.ts";
import { createTokens, type InstallationToken } from "./tokens.ts";
import { createViews } from "./views.ts";
import { createWeb, type Visitor } from "./web.ts";
import type { World } from "./world.ts";

export interface GitHubOptions {
  /** `owner/name`, or with more said; an owner is an organization unless `users` names it. */
  repositories: (string | RepositoryOptions)[];
  /** Owners that are users. */
  users?: string[];
  /** The account that Terraform's provider works on; default: the owner of the first repository. */
  terraformOwner?: string;
  /** What Terraform's provider finds in its environment, such as GITHUB_TOKEN; nothing when absent. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** Takes every account, repository and App that Terraform names for one that is there. */
  trusting?: boolean;
  app?: AppOptions;
  /** Runner groups beside the default one. */
  runnerGroups?: RunnerGroup[];
  /** GitHub Enterprise Server: the API is below `/api/v3` and has no rate limits. */
  ghes?: boolean;
  /** Who sits at the browser; default: somebody who owns every account. */
  visitor?: Partial<Visitor>;
  /** The same seed gives the same ids; default 1. */
  seed?: number;
  clock?: LabClock;
  /** A log to share with other simulators. */
  events?: EventLog;
  /** Every call of the API takes so much longer. */
  slowMs?: number;
  /** Calls an hour for an installation; default 5,000. */
  rateLimit?: number;
  /** How webhooks are sent; default: over the network as their URL says. */
  send?: typeof fetch;
  webhookTimeoutMs?: number;
  pollMs?: number;
  runnerLostMs?: number;
  queueTimeoutMs?: number;
  cancelTimeoutMs?: number;
}

export interface Leftovers {
  /** Registrations that are still there. */
  runners: { id: number; name: string; status: string; busy: boolean }[];
  /** Jobs that are not over. */
  jobs: { id: number; status: string; labels: string[] }[];
}

/** A GitHub on this machine, for as long as it is not closed. */
export interface LabGitHub {
  /** What `github_api_url` is to be. */
  apiUrl: string;
  /** Where its pages are. */
  htmlUrl: string;
  /** Who sits at the browser; changed in place. */
  visitor: Visitor;
  app: App;
  /** The App's installation for the owner of the first repository, as Terraform's inputs want it. */
  installationId: number;
  apps: Apps["all"];
  installationsOf: Apps["installationsOf"];
  providers: { github: Backend };
  events: EventLog;
  queueJob(options: QueueJobOptions): Job;
  releaseJob: Jobs["release"];
  cancelJob: Jobs["cancel"];
  rerunJob: Jobs["rerun"];
  job: Jobs["get"];
  jobs: Jobs["all"];
  runners(): Runner[];
  /** Stops giving jobs to runners of a version, as GitHub does when they lag behind its releases. */
  refuseRunner: Broker["refuse"];
  /** What it says of its runner's releases; changed in place. */
  releases: RunnerReleases;
  createApp(options?: AppOptions): Promise<App>;
  /** A further private key for the App, as when a key is replaced. */
  addAppKey: Apps["addKey"];
  /** Suspends every installation of the App, or ends that. */
  setSuspended(suspended: boolean): void;
  /** Changes what every installation of the App allows, as its owner does who edits the App and accepts the change. */
  setPermissions(permissions: Permissions): void;
  /** Creates a hook by hand: of `orgs/LOGIN`, `repos/OWNER/NAME`, or of the App itself. */
  createHook(target: string | App, config: HookConfig): Hook;
  deleteHook(hook: Hook): void;
  hooks(): Hook[];
  deliveries: Deliveries;
  limits: Pick<RateLimits, "exhaust" | "secondary">;
  failNext: Api["failNext"];
  setSlowMs(ms: number): void;
  calls(): readonly ApiCall[];
  privileges(): PrivilegeReport;
  /** Every installation token ever handed out, for looking for leaks. */
  tokens(): readonly InstallationToken[];
  leftovers(): Leftovers;
  /** Throws when the simulator gave an answer that GitHub's API description does not allow, or failed itself. */
  assertFaithful(): void;
  close(): Promise<void>;
}

/** Starts a GitHub that behaves like the real one wherever this project can notice. */
export async function startGitHub(options: GitHubOptions): Promise<LabGitHub> {
  const server = await listen();
  const clock = options.clock ?? realClock;
  const events = options.events ?? createEventLog(clock);
  const ids = createIds(options.seed ?? 1);
  const ghes = options.ghes ?? false;
  const accounts = createAccounts(ids);
  const owners = addAccounts(accounts, options);
  const now = () => clock.now();
  const apps = createApps(accounts, ids, owners, now);
  const world = createWorld(server.origin, options, { ...{ clock, ids, events, accounts }, apps });
  const views = createViews(world.addresses);
  notifyHooks(world, views);
  const broker = createBroker({
    ...{ runners: world.runners, jobs: world.jobs, ids, clock, events },
    times: { pollMs: options.pollMs ?? 20_000, runnerLostMs: options.runnerLostMs ?? 30_000 },
  });
  const app = await apps.create(options.app);
  const api = await createApi(world, views);
  let slowMs = options.slowMs ?? 0;
  const visitor: Visitor = { login: "a-person", owns: "all", ...options.visitor };
  server.serve({
    web: createWeb(world, visitor),
    ...{ api, broker, ghes, slowMs: () => slowMs },
    onOutside: (method, path) => events.emit("api.outside", { method, path }),
  });

  const [firstOwner] = owners;
  const terraformOwner =
    (options.terraformOwner === undefined ? undefined : accounts.owner(options.terraformOwner)) ?? firstOwner;
  if (terraformOwner === undefined) throw new Error("repositories: name at least one");
  const installation = apps.installationFor(app, terraformOwner);
  if (installation === undefined)
    throw new Error(`app.installations: the App is not installed on ${terraformOwner.login}`);
  const { jobs, runners, hooks, deliveries } = world;
  return {
    apiUrl: world.addresses.apiUrl,
    htmlUrl: world.addresses.htmlUrl,
    visitor,
    apps: apps.all,
    installationsOf: apps.installationsOf,
    app,
    installationId: installation.id,
    providers: {
      github: githubBackend(world, views, {
        environment: options.environment ?? {},
        fallbackOwner: terraformOwner,
        trusting: options.trusting ?? false,
      }),
    },
    events,
    queueJob: jobs.queue,
    releaseJob: jobs.release,
    cancelJob: jobs.cancel,
    rerunJob: jobs.rerun,
    job: jobs.get,
    jobs: jobs.all,
    runners: runners.all,
    refuseRunner: broker.refuse,
    createApp: apps.create,
    addAppKey: apps.addKey,
    setSuspended(suspended) {
      for (const candidate of apps.installationsOf(app)) candidate.suspended = suspended;
    },
    setPermissions(permissions) {
      app.permissions = { ...permissions, metadata: "read" };
      for (const installation of apps.installationsOf(app)) installation.permissions = { ...app.permissions };
    },
    createHook: (target, config) =>
      hooks.create(typeof target === "string" ? named(world, target) : { kind: "app", app: target }, config),
    deleteHook: hooks.delete,
    hooks: hooks.all,
    deliveries,
    releases: world.releases,
    limits: world.limits,
    failNext: api.failNext,
    setSlowMs(ms) {
      slowMs = ms;
    },
    calls: api.calls,
    privileges: () => reportPrivileges(api.calls()),
    tokens: world.tokens.all,
    leftovers: () => ({
      runners: runners.all().map(({ id, name, status, jobId }) => ({ id, name, status, busy: jobId !== undefined })),
      jobs: jobs
        .all()
        .filter(({ status }) => status !== "completed")
        .map(({ id, status, labels }) => ({ id, status, labels })),
    }),
    assertFaithful() {
      if (api.failures().length > 0) throw new Error(`the GitHub simulator failed:\n${api.failures().join("\n")}`);
    },
    async close() {
      deliveries.stop();
      broker.stop();
      await server.close();
    },
  };
}

/** Everything that this GitHub keeps. */
function createWorld(
  origin: string,
  options: GitHubOptions,
  parts: Pick<World, "clock" | "ids" | "events" | "accounts" | "apps">,
): World {
  const { clock, ids, events, accounts, apps } = parts;
  const ghes = options.ghes ?? false;
  const now = () => clock.now();
  const hooks = createHooks(ids, now);
  return {
    addresses: {
      apiUrl: apiUrlOf(origin, ghes),
      htmlUrl: origin,
      brokerUrl: `${origin}${BROKER_PATH}`,
      ghes,
    },
    ...parts,
    tokens: createTokens(apps, ids, now),
    releases: createRunnerReleases(),
    runners: createRunners(ids, clock, events, options.runnerGroups ?? []),
    jobs: createJobs(accounts, ids, clock, events, {
      queueTimeoutMs: options.queueTimeoutMs ?? 86_400_000,
      cancelTimeoutMs: options.cancelTimeoutMs ?? 300_000,
    }),
    hooks,
    manifests: createManifests(apps, hooks, ids, now),
    deliveries: createDeliveries(ids, clock, events, {
      timeoutMs: options.webhookTimeoutMs ?? 10_000,
      send: options.send ?? fetch,
      ghes,
    }),
    limits: createRateLimits(options.rateLimit ?? 5_000, !ghes, now),
  };
}

function addAccounts(accounts: World["accounts"], options: GitHubOptions): Owner[] {
  for (const login of options.users ?? []) accounts.addOwner(login, "User");
  const owners = options.repositories.map((repository) => accounts.addRepository(repository).owner);
  return [...new Set(owners)];
}

function named({ accounts }: World, target: string): HookTarget {
  const owner = target.startsWith("orgs/") ? accounts.owner(target.slice("orgs/".length)) : undefined;
  if (owner !== undefined) return { kind: "organization", owner };
  const repository = target.startsWith("repos/") ? accounts.repository(target.slice("repos/".length)) : undefined;
  if (repository !== undefined) return { kind: "repository", repository };
  throw new Error(
    `there is no ${target}: write orgs/LOGIN or repos/OWNER/NAME of an account that GitHub was started with`,
  );
}
