import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLogger } from "../../../contract/log.ts";
import {
  afterPage,
  beginRun,
  callsAllowed,
  endRun,
  hookKey,
  MAX_CALLS_PER_RUN,
  noteRefusal,
  planRedelivery,
} from "../../../dispatcher/core/plan-redelivery.ts";
import { INITIAL_REDELIVERY, type RedeliveryProgress } from "../../../dispatcher/core/redelivery-progress.ts";
import type { DeliveryAttempt, WatchedHook } from "../../../dispatcher/core/views.ts";
import {
  AppRefusedError,
  ConfigurationError,
  InvalidCursorError,
  NotFoundError,
  NotPermittedError,
  RefusedError,
  ThrottledError,
  TransientError,
} from "../../../dispatcher/errors.ts";
import { redeliver } from "../../../dispatcher/flows/redeliver.ts";
import { createManualClock } from "../../../lab/world/services/manual-clock.ts";
import { createMemoryHookDeliveries } from "../../../lab/world/services/memory-hook-deliveries.ts";
import { createMemoryRedeliveryState } from "../../../lab/world/services/memory-redelivery-state.ts";

const now = new Date("2026-01-02T12:00:00Z");
const hook: WatchedHook = { kind: "organization", organization: "my-org", hookId: 7 };
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const attempt = (change: Partial<DeliveryAttempt> = {}): DeliveryAttempt => ({
  id: "9007199254740993",
  guid: "a",
  deliveredAt: minutesAgo(3),
  statusCode: 502,
  event: "workflow_job",
  action: "queued",
  ...change,
});

/** Ids that are to be repeated of one page. */
function chosen(attempts: DeliveryAttempt[], progress: RedeliveryProgress = INITIAL_REDELIVERY): string[] {
  const run = afterPage(beginRun(progress, [hook], now), hook, { attempts }, now);
  return (run.page?.pending ?? []).map(({ id }) => id);
}

describe("planRedelivery", () => {
  it.each([
    ["a status other than 2xx", attempt(), 1],
    ["a redirect, which GitHub does not follow", attempt({ statusCode: 301 }), 1],
    ["no answer at all", attempt({ statusCode: 0 }), 1],
    ["a job that is over", attempt({ action: "completed" }), 1],
    ["an answer that may yet come", attempt({ statusCode: 0, deliveredAt: minutesAgo(0.5) }), 0],
    ["success", attempt({ statusCode: 202 }), 0],
    ["a job that runs", attempt({ action: "in_progress" }), 0],
    ["another event", attempt({ event: "ping", action: null }), 0],
    ["a job that GitHub has given up", attempt({ deliveredAt: minutesAgo(24 * 60 + 1) }), 0],
  ])("decides about %s", (_, one, count) => {
    expect(chosen([one])).toHaveLength(count);
  });

  it("repeats the latest attempt of an event only, and none when any came through", () => {
    const early = { deliveredAt: minutesAgo(5) };

    expect(chosen([attempt({ id: "2" }), attempt({ id: "1", ...early })])).toEqual(["2"]);
    expect(chosen([attempt({ id: "2", statusCode: 200 }), attempt({ id: "1", ...early })])).toEqual([]);
    expect(chosen([attempt({ id: "2" }), attempt({ id: "1", statusCode: 200, ...early })])).toEqual([]);
  });

  it("repeats no attempt that it asked for, and no event whose first failure is a day old", () => {
    const at = attempt().deliveredAt.getTime();
    const with_ = (firstMs: number, lastMs: number) =>
      ({ ...INITIAL_REDELIVERY, chains: { a: [firstMs, lastMs] } }) as const;

    expect(chosen([attempt()], with_(at, at))).toEqual([]);
    expect(chosen([attempt()], with_(at - 60_000, at - 60_000))).toHaveLength(1);
    expect(chosen([attempt()], with_(minutesAgo(24 * 60 + 1).getTime(), at - 60_000))).toEqual([]);
  });

  it("moves the floor to a little below the scan's start once the scan ends", () => {
    const run = afterPage(beginRun(INITIAL_REDELIVERY, [hook], now), hook, { attempts: [] }, now);

    expect(planRedelivery(run)).toEqual({ kind: "done" });
    expect(endRun(run).hooks).toEqual({ "my-org#7": { floorMs: minutesAgo(10).getTime() } });
  });

  it("follows the pages down to the floor and no further", () => {
    const page = { attempts: [attempt({ statusCode: 200 })], nextCursor: "older" };
    const run = afterPage(beginRun(INITIAL_REDELIVERY, [hook], now), hook, page, now);
    expect(planRedelivery(run)).toEqual({ kind: "list", hook, cursor: "older" });

    const below = { attempts: [attempt({ statusCode: 200, deliveredAt: minutesAgo(25 * 60) })], nextCursor: "oldest" };
    expect(planRedelivery(afterPage(run, hook, below, now))).toEqual({ kind: "done" });
  });

  it("allows no call while GitHub wants none, and no more than are left of the hour", () => {
    const at = (minutes: number, count: number): [number, number] => [minutesAgo(minutes).getTime(), count];

    expect(callsAllowed(INITIAL_REDELIVERY, now)).toBe(MAX_CALLS_PER_RUN);
    expect(callsAllowed({ ...INITIAL_REDELIVERY, waitUntilMs: now.getTime() + 1 }, now)).toBe(0);
    expect(callsAllowed({ ...INITIAL_REDELIVERY, calls: [at(61, 700), at(10, 700)] }, now)).toBe(20);
    expect(callsAllowed({ ...INITIAL_REDELIVERY, calls: [at(10, 720)] }, now)).toBe(0);
  });

  it("forgets hooks that are no longer looked after, and chains that are over", () => {
    const progress: RedeliveryProgress = {
      ...INITIAL_REDELIVERY,
      hooks: { gone: { floorMs: 0 } },
      chains: { old: [minutesAgo(26 * 60).getTime(), 0], young: [minutesAgo(60).getTime(), 0] },
    };

    const { progress: after } = beginRun(progress, [hook], now);

    expect(Object.keys(after.hooks)).toEqual(["my-org#7"]);
    expect(Object.keys(after.chains)).toEqual(["young"]);
  });

  it("keeps what is remembered well below what an item may hold", () => {
    let progress = INITIAL_REDELIVERY;
    const hooks = Array.from(
      { length: 512 },
      (_, index): WatchedHook => ({
        kind: "repository",
        repository: `my-org/repository-${index}`,
        hookId: 497_120_000 + index,
      }),
    );
    const chains = Array.from({ length: 4_000 }, (_, index): [string, [number, number]] => [
      `01234567-89ab-cdef-0123-${String(index).padStart(12, "0")}`,
      [now.getTime() - index, now.getTime()],
    ]);
    progress = { ...progress, chains: Object.fromEntries(chains) };

    let run = beginRun(progress, hooks, now);
    for (const hook of hooks) run = noteRefusal(run, hook, "redelivery.not_permitted", now).run;
    const after = endRun(run);

    expect(JSON.stringify(after).length).toBeLessThan(350_000);
  });
});

describe("redelivery over many runs", () => {
  it("asks for every failure, for none twice, and never makes more calls than it may", async () => {
    const event = fc.record({
      hook: fc.nat(4),
      minute: fc.nat(60),
      failures: fc.integer({ min: 0, max: 3 }),
      second: fc.nat(59),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 120 }),
        fc.integer({ min: 1, max: 30 }),
        async (events, pageSize) => {
          const clock = createManualClock(now);
          const left = new Map<string, number>();
          const answer = (guid: string) => {
            const failures = left.get(guid) ?? 0;
            left.set(guid, failures - 1);
            return failures > 0 ? 500 : 200;
          };
          const memory = createMemoryHookDeliveries({ now: clock.now, pageSize, answer });
          const state = createMemoryRedeliveryState();
          const hooks = Array.from(
            { length: 5 },
            (_, hookId): WatchedHook => ({
              kind: "repository",
              repository: `my-org/r${hookId}`,
              hookId,
            }),
          );
          const log = createLogger(() => undefined);
          const sorted = events.toSorted((one, other) => one.minute - other.minute || one.second - other.second);

          for (let minute = 0; minute <= 150; minute++) {
            for (const [index, { hook: at, failures, second }] of sorted.entries()) {
              if (sorted[index]?.minute !== minute) continue;
              const hook = hooks[at];
              if (hook === undefined) continue;
              left.set(`event-${index}`, failures - 1);
              const deliveredAt = new Date(clock.now().getTime() + second * 1_000);
              memory.deliver(hook, { guid: `event-${index}`, deliveredAt, statusCode: failures > 0 ? 502 : 200 });
            }
            clock.advance(60);
            if (minute % 5 !== 0) continue;
            const deadline = new Date(clock.now().getTime() + 60_000);
            const { calls } = await redeliver(
              { state, deliveries: memory.create, hooks, clock, log },
              { holder: `run-${minute}`, deadline },
            );
            expect(calls).toBeLessThanOrEqual(MAX_CALLS_PER_RUN);
          }

          expect(new Set(memory.asked).size).toBe(memory.asked.length);
          expect(memory.asked).toHaveLength(events.reduce((sum, { failures }) => sum + failures, 0));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("looks at every healthy hook before it looks at any a second time, whichever others fail and how", async () => {
    const failures: Record<string, () => Error> = {
      missing: () => new NotFoundError("no such hook"),
      "not installed": () => new NotFoundError("install it", { details: { installationId: 7 } }),
      "not permitted": () => new NotPermittedError("refused", "Webhooks"),
      blocked: () => new RefusedError("blocked", { details: { status: 403 } }),
      unlawful: () => new RefusedError("451", { details: { status: 451 } }),
      malformed: () => new RefusedError("422", { details: { status: 422 } }),
      throttled: () => new ThrottledError("slow down", { retryAfterSeconds: 60 }),
      silent: () => new TransientError("no answer"),
      "bad cursor": () => new InvalidCursorError("bad cursor"),
      "wrong address": () => new ConfigurationError("a page"),
      "App refused": () => new AppRefusedError("refused"),
      "a bug": () => new TypeError("undefined is no function"),
    };
    const hookState = fc.record({
      failure: fc.option(fc.constantFrom(...Object.keys(failures)), { freq: 2 }),
      on: fc.constantFrom("list" as const, "redeliver" as const),
      lost: fc.nat(3),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(hookState, { minLength: 1, maxLength: 40 }), async (states) => {
        const clock = createManualClock(now);
        const memory = createMemoryHookDeliveries({ now: clock.now });
        const state = createMemoryRedeliveryState();
        const hooks = states.map((each, hookId): WatchedHook => {
          const hook: WatchedHook = { kind: "repository", repository: `my-org/r${hookId}`, hookId };
          for (let lost = 0; lost < each.lost; lost++) {
            memory.deliver(hook, { deliveredAt: minutesAgo(5 + lost), statusCode: 502 });
          }
          const failure = failures[each.failure ?? ""];
          if (failure !== undefined) memory.refuse(hook, failure(), each.on);
          return hook;
        });
        const healthy = hooks.filter((_, index) => states[index]?.failure === null).map(hookKey);
        const log = createLogger(() => undefined);

        for (let runs = 0; runs <= hooks.length && healthy.some((key) => !memory.visits.includes(key)); runs++) {
          const deadline = new Date(clock.now().getTime() + 60_000);
          await redeliver(
            { state, deliveries: memory.create, hooks, clock, log },
            { holder: `run-${runs}`, deadline },
          ).catch(() => undefined);
          clock.advance(300);
        }

        const rounds = memory.visits.filter((key, index) => key !== memory.visits[index - 1]);
        const again = rounds.findIndex((key, index) => rounds.indexOf(key) < index);
        const round = again === -1 ? rounds : rounds.slice(0, again);
        expect(healthy.filter((key) => !round.includes(key))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
