import { hookKey } from "../../../dispatcher/core/plan-redelivery.ts";
import type { DeliveryAttempt, WatchedHook } from "../../../dispatcher/core/views.ts";
import { NotFoundError } from "../../../dispatcher/errors.ts";
import type { HookDeliveries } from "../../../dispatcher/ports.ts";

export interface MemoryHookDeliveries {
  /** One run's view, whose calls are counted. */
  create(spend: () => void): HookDeliveries;
  /** A first attempt at an event; its GUID. */
  deliver(hook: WatchedHook, attempt: Partial<DeliveryAttempt> & { deliveredAt: Date; statusCode: number }): string;
  /** Ids of the attempts that were to be repeated, in order. */
  asked: string[];
  attempts(hook: WatchedHook): readonly DeliveryAttempt[];
  /** Status of the attempt that each request for a redelivery makes. */
  answer(guid: string): number;
  /** Calls made, whether they succeeded or not. */
  calls: number;
  /** Thrown by the next call. */
  failNext(error: Error): void;
  /** Thrown by each call for the hook, or by those of one kind; undefined ends that. */
  refuse(hook: WatchedHook, error: Error | undefined, on?: "list" | "redeliver"): void;
  /** Hooks of the calls that were made, in order. */
  visits: string[];
}

/** Deliveries of any hooks in memory, listed like GitHub's. */
export function createMemoryHookDeliveries(options: {
  now(): Date;
  pageSize?: number;
  /** GitHub's clock, where it is not ours; attempts that are asked for are dated by it. */
  gitHubNow?(): Date;
  answer?(guid: string): number;
}): MemoryHookDeliveries {
  const { now, gitHubNow = now, pageSize = 100 } = options;
  const byHook = new Map<string, DeliveryAttempt[]>();
  const failures: Error[] = [];
  const refusals = new Map<string, { error: Error; on: "list" | "redeliver" | undefined }>();
  let lastId = 2n ** 53n;
  let lastGuid = 0;
  const add = (hook: WatchedHook, attempt: Omit<DeliveryAttempt, "id">) => {
    lastId += 1n;
    byHook.set(hookKey(hook), [{ ...attempt, id: String(lastId) }, ...(byHook.get(hookKey(hook)) ?? [])]);
  };
  const memory: MemoryHookDeliveries = {
    asked: [],
    calls: 0,
    answer: options.answer ?? (() => 202),
    attempts: (hook) => byHook.get(hookKey(hook)) ?? [],
    visits: [],
    failNext: (error) => void failures.push(error),
    refuse(hook, error, on) {
      if (error === undefined) refusals.delete(hookKey(hook));
      else refusals.set(hookKey(hook), { error, on });
    },
    deliver(hook, attempt) {
      const guid = attempt.guid ?? `guid-${++lastGuid}`;
      add(hook, { event: "workflow_job", action: "queued", ...attempt, guid });
      return guid;
    },
    create(spend) {
      const call = (hook: WatchedHook, kind: "list" | "redeliver") => {
        spend();
        memory.calls += 1;
        memory.visits.push(hookKey(hook));
        const failure = failures.shift();
        if (failure !== undefined) throw failure;
        const { error, on = kind } = refusals.get(hookKey(hook)) ?? {};
        if (error !== undefined && on === kind) throw error;
      };
      return {
        async list(hook, cursor) {
          call(hook, "list");
          const older = memory.attempts(hook).filter(({ id }) => cursor === undefined || BigInt(id) < BigInt(cursor));
          const attempts = older.slice(0, pageSize);
          const last = attempts.at(-1);
          const readAt = gitHubNow();
          return {
            attempts,
            readAt,
            ...(last === undefined || older.length <= pageSize ? {} : { nextCursor: last.id }),
          };
        },
        async redeliver(hook, deliveryId) {
          call(hook, "redeliver");
          const attempt = memory.attempts(hook).find(({ id }) => id === deliveryId);
          if (attempt === undefined) throw new NotFoundError(`there is no delivery ${deliveryId}`);
          memory.asked.push(deliveryId);
          add(hook, { ...attempt, deliveredAt: gitHubNow(), statusCode: memory.answer(attempt.guid) });
        },
      };
    },
  };
  return memory;
}
