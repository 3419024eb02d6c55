import { ApiError, notFound } from "./api-error.ts";
import { appOf } from "./app-operations.ts";
import type { Delivery } from "./deliveries.ts";
import type { Hook, HookConfig, HookTarget } from "./hooks.ts";
import { type Answer, type Call, type Operations, page, scopeOf, withQuery } from "./operation.ts";
import { hookConfig, hookPath } from "./payloads.ts";
import { timestamp } from "./world.ts";

/** Webhooks and what was delivered to them. */
export const hookOperations: Operations = {
  "apps/get-webhook-config-for-app": (call) => ({ status: 200, body: hookConfig(namedHook(call)) }),
  "apps/update-webhook-config-for-app": updateAppHook,
  "apps/list-webhook-deliveries": listDeliveries,
  "apps/get-webhook-delivery": getDelivery,
  "apps/redeliver-webhook-delivery": redeliver,
  "orgs/list-webhooks": listHooks,
  "orgs/create-webhook": createHook,
  "orgs/update-webhook": updateHook,
  "orgs/delete-webhook": deleteHook,
  "orgs/get-webhook": getHook,
  "orgs/list-webhook-deliveries": listDeliveries,
  "orgs/get-webhook-delivery": getDelivery,
  "orgs/redeliver-webhook-delivery": redeliver,
  "repos/list-webhooks": listHooks,
  "repos/create-webhook": createHook,
  "repos/update-webhook": updateHook,
  "repos/delete-webhook": deleteHook,
  "repos/get-webhook": getHook,
  "repos/list-webhook-deliveries": listDeliveries,
  "repos/get-webhook-delivery": getDelivery,
  "repos/redeliver-webhook-delivery": redeliver,
};

function targetOf(call: Call): HookTarget {
  return call.scope ?? { kind: "app", app: appOf(call.caller) };
}

function namedHook(call: Call): Hook {
  const target = targetOf(call);
  if (target.kind !== "app") return call.world.hooks.get(target, Number(call.params.hook_id));
  const [hook] = call.world.hooks.list(target);
  if (hook === undefined) throw notFound();
  return hook;
}

function listHooks(call: Call): Answer {
  const { items, headers } = page(call, call.world.hooks.list(scopeOf(call)));
  return { status: 200, body: items.map((hook) => viewHook(call, hook)), headers };
}

function getHook(call: Call): Answer {
  return { status: 200, body: viewHook(call, namedHook(call)) };
}

function createHook(call: Call): Answer {
  const hook = call.world.hooks.create(scopeOf(call), readHook(call.body));
  return { status: 201, body: viewHook(call, hook) };
}

/** What the body leaves out stays; a `config` is taken as a whole, so one without a secret removes it. */
function updateHook(call: Call): Answer {
  const hook = namedHook(call);
  const wanted = readHook({ ...call.body, config: call.body.config ?? hookConfigOf(hook) }, hook);
  return { status: 200, body: viewHook(call, call.world.hooks.update(hook, wanted)) };
}

/** What the body leaves out stays, the secret too (REST API, update a webhook configuration for an app). */
function updateAppHook(call: Call): Answer {
  const hook = namedHook(call);
  const { url = hook.url, content_type: contentType = hook.contentType, secret = hook.secret } = call.body;
  const config = { url, content_type: contentType, ...(secret === undefined ? {} : { secret }) };
  const wanted = readHook({ config, events: hook.events, active: hook.active }, hook);
  return { status: 200, body: hookConfig(call.world.hooks.update(hook, wanted)) };
}

function deleteHook(call: Call): Answer {
  call.world.hooks.delete(namedHook(call));
  return { status: 204 };
}

function hookConfigOf({ url, secret, contentType, insecureSsl }: Hook): Record<string, unknown> {
  return { url, content_type: contentType, insecure_ssl: insecureSsl ? "1" : "0", secret };
}

/** The API description has seen to the types; what a hook may be is for the hooks to say. */
function readHook(body: Record<string, unknown>, before?: Hook): HookConfig {
  const config = body.config as Record<string, unknown>;
  const { content_type: contentType, insecure_ssl: insecureSsl, secret } = config;
  return {
    url: String(config.url ?? ""),
    ...(typeof secret === "string" ? { secret } : {}),
    ...(contentType === undefined ? {} : { contentType: contentType as "json" | "form" }),
    insecureSsl: String(insecureSsl ?? "0") === "1",
    events: (body.events as string[] | undefined) ?? before?.events ?? ["push"],
    active: (body.active as boolean | undefined) ?? before?.active ?? true,
  };
}

/** Deliveries are paged by a cursor, newest first; a page that is not the last has a `Link` to the next. */
function listDeliveries(call: Call): Answer {
  const { per_page: perPage = "30", cursor, status } = call.query;
  const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : readCursor(cursor);
  const wanted = call.world.deliveries
    .list(namedHook(call))
    .filter(({ id }) => id < before)
    .filter(({ statusCode }) => status === undefined || (status === "success") === isSuccess(statusCode));
  const shown = wanted.slice(0, Math.min(Number(perPage), 100));
  const last = shown.at(-1);
  const next = last === undefined || shown.length === wanted.length ? undefined : `v1_${last.id}`;
  return {
    status: 200,
    body: shown.map(viewDelivery),
    headers: next === undefined ? {} : { link: `<${withQuery(call.url, "cursor", next)}>; rel="next"` },
  };
}

function getDelivery(call: Call): Answer {
  const delivery = namedDelivery(call);
  const { request, response, hook } = delivery;
  return {
    status: 200,
    body: {
      ...viewDelivery(delivery),
      url: hook.url,
      request: { headers: request.headers, payload: delivery.payload },
      response: { headers: response?.headers ?? {}, payload: response?.body ?? "" },
    },
  };
}

function redeliver(call: Call): Answer {
  call.world.deliveries.redeliver(namedDelivery(call));
  return { status: 202, body: {} };
}

function namedDelivery(call: Call): Delivery {
  const id = Number(call.params.delivery_id);
  const delivery = call.world.deliveries.list(namedHook(call)).find((candidate) => candidate.id === id);
  if (delivery === undefined) throw notFound();
  return delivery;
}

function readCursor(cursor: string): number {
  const [, id] = /^v1_(\d+)$/.exec(cursor) ?? [];
  if (id === undefined) throw new ApiError(400, "Invalid cursor");
  return Number(id);
}

function isSuccess(statusCode: number): boolean {
  return statusCode >= 200 && statusCode < 400;
}

function viewHook({ world }: Call, hook: Hook): Record<string, unknown> {
  const url = `${world.addresses.apiUrl}${hookPath(hook) ?? "/app/hook"}`;
  const { target, lastResponse } = hook;
  return {
    type: target.kind === "organization" ? "Organization" : "Repository",
    id: hook.id,
    name: "web",
    active: hook.active,
    events: hook.events,
    config: hookConfig(hook),
    updated_at: timestamp(hook.updatedAt),
    created_at: timestamp(hook.createdAt),
    url,
    ping_url: `${url}/pings`,
    deliveries_url: `${url}/deliveries`,
    ...(target.kind === "organization" ? {} : { test_url: `${url}/tests`, last_response: lastResponse }),
  };
}

function viewDelivery(delivery: Delivery): Record<string, unknown> {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: new Date(delivery.deliveredAt).toISOString(),
    redelivery: delivery.redelivery,
    duration: Math.round(delivery.durationSeconds * 100) / 100,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installationId,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  };
}
