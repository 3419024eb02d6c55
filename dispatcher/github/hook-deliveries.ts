import * as v from "valibot";
import { MANAGED_HOOKS, permissionLabel } from "../../contract/permissions.ts";
import type { WatchedHook } from "../core/views.ts";
import { InvalidCursorError, NotPermittedError, RefusedError } from "../errors.ts";
import type { HookDeliveries } from "../ports.ts";
import { type AppCall, type AppClientOptions, createAppClient, pathOf } from "./app-client.ts";
import { readBody } from "./read-body.ts";
import type { GitHubAnswer } from "./send-to-github.ts";

/** Called before each HTTP call; throws when none may be made. */
export type SpendCall = () => void;

/** Deliveries for one run, whose calls are counted; what is known of tokens stays from one run to the next. */
export type HookDeliveriesFactory = (spend: SpendCall) => HookDeliveries;

const PAGE_SIZE = 100;

const delivery = v.object({
  // A 64-bit number: as a BigInt where a double would lose digits, and as text from here on.
  id: v.pipe(v.union([v.pipe(v.number(), v.safeInteger()), v.bigint()]), v.transform(String)),
  guid: v.pipe(v.string(), v.maxLength(64)),
  delivered_at: v.pipe(v.string(), v.isoTimestamp()),
  status_code: v.number(),
  event: v.string(),
  action: v.nullable(v.string()),
});
const page = v.array(delivery);

/**
 * Deliveries of webhooks at GitHub, read and repeated by the App; what fails is left to the next run, which is near.
 */
export function createHookDeliveries(options: AppClientOptions): HookDeliveriesFactory {
  const client = createAppClient({ ...options, send: { ...options.send, maxAttempts: 1 } });

  async function hookCall(hook: WatchedHook, call: Omit<AppCall, "purpose">, what: string): Promise<GitHubAnswer> {
    const { kind } = hook;
    const details = { ...call, purpose: { what, permission: permissionOf(hook) } };
    try {
      if (kind === "app") return await client.asApp(details);
      return kind === "organization"
        ? await client.asInstallation({ owner: hook.organization }, MANAGED_HOOKS.organization, details)
        : await client.asInstallation({ repository: hook.repository }, MANAGED_HOOKS.repository, details);
    } catch (error: unknown) {
      if (!(error instanceof RefusedError) || error.details.missing === undefined) throw error;
      throw new NotPermittedError(error.message, permissionOf(hook), { details: error.details });
    }
  }

  return (spend) => ({
    async list(hook, cursor) {
      const what = `listing the deliveries of ${nameOf(hook)}`;
      const { path, parameters } = pathToHook(hook);
      const call = {
        route: `GET ${path}/deliveries`,
        parameters: { ...parameters, per_page: PAGE_SIZE, ...(cursor === undefined ? {} : { cursor }) },
        repeatable: true,
        spend,
      };
      const { body, headers } = await hookCall(hook, call, what).catch((error: unknown) => {
        if (cursor === undefined || !isRefusedAs(error, [400, 422])) throw error;
        throw new InvalidCursorError(`${what} failed: the cursor is good no longer`);
      });
      const nextCursor = nextCursorOf(String(headers.link ?? ""));
      const readAt = new Date(String(headers.date));
      return {
        attempts: readBody(page, what, body).map(({ id, guid, delivered_at, status_code, event, action }) => ({
          id,
          guid,
          deliveredAt: new Date(delivered_at),
          statusCode: status_code,
          event,
          action,
        })),
        ...(nextCursor === undefined ? {} : { nextCursor }),
        ...(Number.isNaN(readAt.getTime()) ? {} : { readAt }),
      };
    },
    async redeliver(hook, deliveryId) {
      const { path, parameters } = pathToHook(hook);
      const call = {
        route: `POST ${path}/deliveries/{delivery_id}/attempts`,
        parameters: { ...parameters, delivery_id: deliveryId },
        repeatable: false,
        spend,
      };
      await hookCall(hook, call, `redelivering ${deliveryId} of ${nameOf(hook)}`);
    },
  });
}

/** The cursor of the page that `rel="next"` of a Link header leads to. */
function nextCursorOf(link: string): string | undefined {
  const [, target] = /<([^>]*)>;\s*rel="?next"?/.exec(link) ?? [];
  if (target === undefined || !URL.canParse(target)) return undefined;
  return new URL(target).searchParams.get("cursor") ?? undefined;
}

function isRefusedAs(error: unknown, statuses: readonly number[]): boolean {
  return error instanceof RefusedError && statuses.some((status) => error.details.status === status);
}
function permissionOf({ kind }: WatchedHook): string {
  return kind === "app" ? "none" : permissionLabel(`${kind}_hooks`);
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
