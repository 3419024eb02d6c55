import { request as octokitRequest } from "@octokit/request";
import * as v from "valibot";
import type { WatchedHook } from "../core/views.ts";
import { type DispatcherError, InvalidCursorError, NotFoundError, NotPermittedError, RefusedError } from "../errors.ts";
import type { Clock, HookDeliveries } from "../ports.ts";
import { createAppJwt, withAppKey } from "./app-jwt.ts";
import type { GitHubOptions } from "./create-github.ts";
import { classifyGitHubFailure, GitHubFailure } from "./github-error.ts";
import { createHookTokens, type HookScope, pathOf } from "./hook-tokens.ts";
import { createListingFetch, nextCursorOf } from "./listing-fetch.ts";
import { readBody } from "./read-body.ts";
import { DEFAULT_SEND_OPTIONS, type GitHubCall, sendToGitHub } from "./send-to-github.ts";

/** Called before each HTTP call; throws when none may be made. */
export type SpendCall = () => void;

/** Deliveries for one run, whose calls are counted; what is known of tokens stays from one run to the next. */
export type HookDeliveriesFactory = (spend: SpendCall) => HookDeliveries;

const USER_AGENT = "terraform-aws-github-runner-lambda-microvms";
const PAGE_SIZE = 100;

const page = v.object({
  deliveries: v.array(
    v.object({
      id: v.pipe(v.string(), v.regex(/^\d+$/)),
      guid: v.pipe(v.string(), v.maxLength(64)),
      delivered_at: v.pipe(v.string(), v.isoTimestamp()),
      status_code: v.number(),
      event: v.string(),
      action: v.nullable(v.string()),
    }),
  ),
  link: v.string(),
});

/** Deliveries of webhooks at GitHub, read and repeated by the App; no call is made twice by itself, the next run is near. */
export function createHookDeliveries(options: GitHubOptions): HookDeliveriesFactory {
  const { app, clock = { now: () => new Date() } } = options;
  let spendCall: SpendCall = () => undefined;
  const send = { ...DEFAULT_SEND_OPTIONS, ...options.send, maxAttempts: 1 };
  const request = octokitRequest.defaults({
    baseUrl: options.apiUrl,
    headers: {
      accept: "application/vnd.github+json",
      "user-agent": USER_AGENT,
      "x-github-api-version": "2022-11-28",
    },
    request: { fetch: createListingFetch(options.fetch ?? globalThis.fetch), log: silent },
  });
  const tokenRequest = request.defaults({ request: { fetch: options.fetch ?? globalThis.fetch } });

  async function call(details: GitHubCall, client = request): Promise<unknown> {
    spendCall();
    return sendToGitHub(client, details, send);
  }

  // GitHub takes an App's own token as `bearer` only.
  function callAsApp(details: GitHubCall, client = request): Promise<unknown> {
    return withAppKey(app.key, async (sign) => {
      const { jwt } = await createAppJwt(sign)(app.appId);
      const headers = { authorization: `bearer ${jwt}` };
      return call({ ...details, parameters: { ...details.parameters, headers } }, client);
    });
  }

  const tokens = createHookTokens(
    async (details, what) => {
      try {
        return await callAsApp(details, tokenRequest);
      } catch (error: unknown) {
        throw error instanceof GitHubFailure ? tokenRefused(error, what, clock) : error;
      }
    },
    clock,
    app.installationId,
  );

  async function hookCall(hook: WatchedHook, what: string, details: Omit<GitHubCall, "token">): Promise<unknown> {
    const scope = scopeOf(hook);
    try {
      if (scope === undefined) return await callAsApp(details);
      return await call({ ...details, token: await tokens.get(scope) });
    } catch (error: unknown) {
      const permission = permissionOf(hook);
      if (error instanceof NotPermittedError) throw new NotPermittedError(error.message, permission);
      if (!(error instanceof GitHubFailure)) throw error;
      if (scope !== undefined && (error.status === 401 || error.status === 403)) tokens.drop(scope);
      const failure = classifyGitHubFailure(error, { what, permission }, clock.now());
      if (error.status === 404)
        throw new NotFoundError(`${what} failed: GitHub knows none`, { details: { status: 404 } });
      if (error.status !== 403 || !(failure instanceof RefusedError)) throw failure;
      throw new NotPermittedError(`${what} was refused: ${error.message}`, permission, { details: failure.details });
    }
  }

  const deliveries: HookDeliveries = {
    async list(hook, cursor) {
      const what = `listing the deliveries of ${nameOf(hook)}`;
      const { path, parameters } = pathToHook(hook);
      const body = await hookCall(hook, what, {
        route: `GET ${path}/deliveries`,
        parameters: { ...parameters, per_page: PAGE_SIZE, ...(cursor === undefined ? {} : { cursor }) },
        repeatable: true,
      }).catch((error: unknown) => {
        if (cursor === undefined || !isRefusedAs(error, [400, 422])) throw error;
        throw new InvalidCursorError(`${what} failed: the cursor is good no longer`);
      });
      const read = readBody(page, what, body);
      const nextCursor = nextCursorOf(read.link);
      return {
        attempts: read.deliveries.map(({ id, guid, delivered_at, status_code, event, action }) => ({
          id,
          guid,
          deliveredAt: new Date(delivered_at),
          statusCode: status_code,
          event,
          action,
        })),
        ...(nextCursor === undefined ? {} : { nextCursor }),
      };
    },
    async redeliver(hook, deliveryId) {
      const { path, parameters } = pathToHook(hook);
      await hookCall(hook, `redelivering ${deliveryId} of ${nameOf(hook)}`, {
        route: `POST ${path}/deliveries/{delivery_id}/attempts`,
        parameters: { ...parameters, delivery_id: deliveryId },
        repeatable: false,
      });
    },
  };
  return (spend) => {
    spendCall = spend;
    return deliveries;
  };
}

function tokenRefused(failure: GitHubFailure, what: string, clock: Clock): DispatcherError {
  if (failure.status === 422 && /permission/i.test(failure.message)) {
    return new NotPermittedError(`${what} was refused: the App's installation does not have the permission`, "");
  }
  if (failure.status === 404 || failure.status === 422) {
    return new NotFoundError(`${what} failed: the App is not installed there; install it`, {
      details: { status: failure.status },
    });
  }
  return classifyGitHubFailure(failure, { what, permission: "Metadata: read" }, clock.now());
}

function isRefusedAs(error: unknown, statuses: readonly number[]): boolean {
  return error instanceof RefusedError && statuses.some((status) => error.details.status === status);
}

function scopeOf(hook: WatchedHook): HookScope | undefined {
  return hook.kind === "app" ? undefined : hook;
}

function permissionOf({ kind }: WatchedHook): string {
  if (kind === "organization") return "Organization permissions, Webhooks: Read and write";
  return kind === "repository" ? "Repository permissions, Webhooks: Read and write" : "none";
}

function nameOf(hook: WatchedHook): string {
  if (hook.kind === "app") return "the App's webhook";
  return `webhook ${hook.hookId} of ${hook.kind === "organization" ? hook.organization : hook.repository}`;
}

function pathToHook(hook: WatchedHook): { path: string; parameters: Record<string, unknown> } {
  switch (hook.kind) {
    case "app":
      return { path: "/app/hook", parameters: {} };
    case "organization":
      return { path: "/orgs/{org}/hooks/{hook_id}", parameters: { org: hook.organization, hook_id: hook.hookId } };
    case "repository":
      return {
        path: "/repos/{owner}/{repo}/hooks/{hook_id}",
        parameters: { ...pathOf(hook.repository), hook_id: hook.hookId },
      };
  }
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
