import type { Owner, Repository } from "./accounts.ts";
import { ApiError, notFound } from "./api-error.ts";
import type { App } from "./apps.ts";
import type { Ids } from "./ids.ts";

export type HookTarget =
  | { kind: "organization"; owner: Owner }
  | { kind: "repository"; repository: Repository }
  | { kind: "app"; app: App };

export interface HookConfig {
  url: string;
  secret?: string;
  contentType?: "json" | "form";
  insecureSsl?: boolean;
  events: string[];
  active?: boolean;
}

export interface Hook extends Required<Omit<HookConfig, "secret">> {
  id: number;
  target: HookTarget;
  secret?: string;
  createdAt: number;
  updatedAt: number;
  lastResponse: { code: number | null; status: string; message: string | null };
}

export interface Hooks {
  create(target: HookTarget, config: HookConfig): Hook;
  update(hook: Hook, config: HookConfig): Hook;
  delete(hook: Hook): void;
  /** Throws 404 for a hook of another target too. */
  get(target: HookTarget, id: number): Hook;
  byId(id: number): Hook | undefined;
  list(target: HookTarget): Hook[];
  all(): Hook[];
  onCreated(listener: (hook: Hook) => void): void;
}

/** The events that hooks are likely to name here; GitHub has some 70. */
const KNOWN_EVENTS = new Set([
  ...["*", "check_run", "check_suite", "create", "delete", "deployment", "deployment_status", "fork", "installation"],
  ...["installation_repositories", "issue_comment", "issues", "label", "member", "membership", "meta", "organization"],
  ...["ping", "public", "pull_request", "pull_request_review", "push", "release", "repository", "repository_dispatch"],
  ...["status", "team", "watch", "workflow_dispatch", "workflow_job", "workflow_run"],
]);
const MAX_HOOKS_PER_EVENT = 20;

/** Webhooks of organizations, repositories and Apps. */
export function createHooks(ids: Ids, now: () => number): Hooks {
  const hooks = new Map<number, Hook>();
  const listeners: ((hook: Hook) => void)[] = [];
  const list = (target: HookTarget) =>
    [...hooks.values()].filter((hook) => targetName(hook.target) === targetName(target));

  const check = (target: HookTarget, config: HookConfig, own?: Hook) => {
    checkConfig(config);
    const others = list(target).filter((hook) => hook !== own);
    const where = target.kind === "organization" ? "organization" : "repository";
    if (others.some((hook) => hook.url === config.url && sameEvents(hook.events, config.events))) {
      throw invalid(`Hook already exists on this ${where}`);
    }
    for (const event of config.events) {
      if (others.filter((hook) => hook.events.includes(event)).length >= MAX_HOOKS_PER_EVENT) {
        throw invalid(`The "${event}" event cannot have more than ${MAX_HOOKS_PER_EVENT} hooks`);
      }
    }
  };
  const settings = ({ secret, ...config }: HookConfig) => ({
    url: config.url,
    contentType: config.contentType ?? "form",
    insecureSsl: config.insecureSsl ?? false,
    events: [...new Set(config.events)],
    active: config.active ?? true,
    updatedAt: now(),
    ...(secret === undefined || secret === "" ? {} : { secret }),
  });

  return {
    create(target, config) {
      check(target, config);
      const hook: Hook = {
        ...settings(config),
        id: ids.next("hook"),
        target,
        createdAt: now(),
        lastResponse: { code: null, status: "unused", message: null },
      };
      hooks.set(hook.id, hook);
      for (const listener of listeners) listener(hook);
      return hook;
    },
    update(hook, config) {
      check(hook.target, config, hook);
      delete hook.secret;
      return Object.assign(hook, settings(config));
    },
    delete: (hook) => void hooks.delete(hook.id),
    get(target, id) {
      const hook = hooks.get(id);
      if (hook === undefined || targetName(hook.target) !== targetName(target)) throw notFound();
      return hook;
    },
    byId: (id) => hooks.get(id),
    list,
    all: () => [...hooks.values()],
    onCreated: (listener) => void listeners.push(listener),
  };
}

/** Names a target among all. */
export function targetName(target: HookTarget): string {
  if (target.kind === "organization") return `orgs/${target.owner.login}`;
  return target.kind === "repository" ? `repos/${target.repository.fullName}` : `apps/${target.app.id}`;
}

function checkConfig({ url, events, contentType }: HookConfig): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !["http:", "https:"].includes(parsed.protocol)) throw invalid("url must be a valid URL");
  if (events.length === 0) throw invalid("events must name at least one event");
  const unknown = events.find((event) => !KNOWN_EVENTS.has(event));
  if (unknown !== undefined) throw invalid(`"${unknown}" is not a valid hook event`);
  if (contentType !== undefined && !["json", "form"].includes(contentType)) {
    throw invalid("content_type must be json or form");
  }
}

function sameEvents(one: string[], other: string[]): boolean {
  return one.length === other.length && one.every((event) => other.includes(event));
}

function invalid(message: string): ApiError {
  return new ApiError(422, `Validation Failed: ${message}`, {
    errors: [{ resource: "Hook", code: "custom", message }],
  });
}
