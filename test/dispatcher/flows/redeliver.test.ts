import { describe, expect, it } from "vitest";
import { createLogger } from "../../../contract/log.ts";
import { MAX_CALLS_PER_HOUR, MAX_CALLS_PER_RUN } from "../../../dispatcher/core/plan-redelivery.ts";
import { INITIAL_REDELIVERY } from "../../../dispatcher/core/redelivery-progress.ts";
import type { WatchedHook } from "../../../dispatcher/core/views.ts";
import {
  AppRefusedError,
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

const shop: WatchedHook = { kind: "repository", repository: "my-org/shop", hookId: 1 };
const site: WatchedHook = { kind: "repository", repository: "my-org/site", hookId: 2 };

function openWorld(options: { hooks?: WatchedHook[]; pageSize?: number; gitHubAheadSeconds?: number } = {}) {
  const { hooks = [shop, site], gitHubAheadSeconds = 0, ...rest } = options;
  const clock = createManualClock();
  const ahead = { seconds: gitHubAheadSeconds };
  const gitHubNow = () => new Date(clock.now().getTime() + ahead.seconds * 1_000);
  const memory = createMemoryHookDeliveries({ now: clock.now, gitHubNow, ...rest });
  const state = createMemoryRedeliveryState();
  const lines: Record<string, unknown>[] = [];
  const log = createLogger((line) => void lines.push(JSON.parse(line)));
  let runs = 0;
  const run = (holder = `run-${++runs}`, seconds = 100) =>
    redeliver(
      { state, deliveries: memory.create, hooks, clock, log },
      { holder, deadline: new Date(clock.now().getTime() + seconds * 1_000) },
    );
  const fail = (hook: WatchedHook, statusCode = 502, secondsAgo = 120) =>
    memory.deliver(hook, { deliveredAt: new Date(gitHubNow().getTime() - secondsAgo * 1_000), statusCode });
  const logged = (event: string) => lines.filter((line) => line.event === event);
  return { ahead, clock, memory, state, run, fail, logged };
}

describe("redeliver", () => {
  it("asks once for each failure, and again when the redelivery fails too", async () => {
    const { clock, memory, run, fail } = openWorld();
    const guid = fail(shop);
    fail(site, 200);
    memory.answer = () => 500;

    expect(await run()).toMatchObject({ asked: 1 });
    clock.advance(300);
    memory.answer = () => 202;
    expect(await run()).toMatchObject({ asked: 1 });
    clock.advance(300);
    expect(await run()).toMatchObject({ asked: 0 });

    expect(memory.attempts(shop).map((attempt) => [attempt.guid, attempt.statusCode])).toEqual([
      [guid, 202],
      [guid, 500],
      [guid, 502],
    ]);
  });

  it("goes on in the next run with what the calls of one did not suffice for", async () => {
    const { clock, memory, run, fail } = openWorld({ pageSize: 10 });
    for (let count = 0; count < 150; count++) fail(count % 3 === 0 ? site : shop);

    for (let runs = 0; runs < 5; runs++, clock.advance(300)) {
      expect((await run()).calls).toBeLessThanOrEqual(MAX_CALLS_PER_RUN);
    }

    expect(memory.asked).toHaveLength(150);
    expect(new Set(memory.asked).size).toBe(150);
  });

  it("makes no more calls in an hour than stated, however often it is invoked", async () => {
    const { clock, memory, run, fail } = openWorld();
    for (let count = 0; count < 1_000; count++) fail(shop);

    for (let runs = 0; runs < 30; runs++, clock.advance(60)) await run();

    expect(memory.calls).toBeLessThanOrEqual(MAX_CALLS_PER_HOUR);
    expect(memory.calls).toBeGreaterThan(MAX_CALLS_PER_HOUR - MAX_CALLS_PER_RUN);
  });

  it("calls nobody before a rate limit is over", async () => {
    const { clock, memory, run, fail, logged } = openWorld();
    fail(shop);
    memory.failNext(new ThrottledError("throttled", { retryAfterSeconds: 900 }));

    expect(await run()).toEqual({ asked: 0, calls: 1 });
    clock.advance(600);
    expect(await run()).toEqual({ asked: 0, calls: 0 });
    clock.advance(301);
    expect(await run()).toMatchObject({ asked: 1 });
    expect(logged("redelivery.throttled")).toHaveLength(1);
  });

  const permission = "Repository permissions, Webhooks: Read and write";
  const blocked = new RefusedError("Repository access blocked", { details: { status: 403 } });
  it.each([
    ["lacks a permission", "redelivery.not_permitted", new NotPermittedError("refused", permission), { permission }],
    ["is gone", "redelivery.hook_not_found", new NotFoundError("no such hook"), {}],
    ["is blocked", "redelivery.hook_refused", blocked, { status: 403 }],
    ["fails for legal reasons", "redelivery.hook_refused", new RefusedError("451", { details: { status: 451 } }), {}],
  ] as const)("serves the other hooks when one %s, and tells that once a day", async (_, event, error, fields) => {
    const { clock, memory, run, fail, logged } = openWorld();
    memory.refuse(shop, error);
    fail(shop);

    for (let runs = 0; runs < 24 * 12; runs++, clock.advance(300)) {
      fail(site);
      expect(await run()).toMatchObject({ asked: 1 });
    }
    expect(logged(event)).toEqual([
      expect.objectContaining({ level: "warn", hook: "my-org/shop#1", message: error.message, ...fields }),
    ]);
    await run();
    expect(logged(event)).toHaveLength(2);
  });

  it("asks for what a hook lost once it is refused no longer, and tells of the next refusal at once", async () => {
    const { clock, memory, run, fail, logged } = openWorld();
    memory.refuse(shop, new NotPermittedError("refused", permission));
    fail(shop);
    await run();
    memory.refuse(shop, undefined);
    clock.advance(300);

    expect(await run()).toMatchObject({ asked: 1 });
    memory.refuse(shop, new NotPermittedError("refused", permission));
    clock.advance(300);
    await run();
    expect(logged("redelivery.not_permitted")).toHaveLength(2);
  });

  it("serves the other hooks when a repository is archived: its deliveries are listed and not repeated", async () => {
    const { clock, memory, run, fail, logged } = openWorld();
    const archived = new RefusedError("Repository was archived so is read-only.", { details: { status: 403 } });
    memory.refuse(shop, archived, "redeliver");
    fail(shop);
    fail(shop);
    for (let runs = 0; runs < 3; runs++, clock.advance(300)) {
      fail(site);
      expect(await run()).toMatchObject({ asked: 1 });
    }
    expect(logged("redelivery.hook_refused")).toHaveLength(1);
  });

  it("ends the run when GitHub refuses the App itself, and begins the next with another hook", async () => {
    const { clock, memory, run, fail, logged } = openWorld();
    fail(site);
    memory.failNext(new AppRefusedError("refused"));

    await run();
    expect(logged("access.refused")).toHaveLength(1);
    expect(memory.visits).toEqual(["my-org/shop#1"]);
    clock.advance(300);
    await run();
    expect(memory.visits[1]).toBe("my-org/site#2");
  });

  it("goes on with the other hooks when one fails for a moment", async () => {
    const { clock, memory, run, fail } = openWorld();
    fail(shop);
    fail(site);
    memory.failNext(new TransientError("no answer"));
    await run();
    clock.advance(300);
    await run();

    expect(memory.asked).toHaveLength(2);
  });

  it.each([-90_000, -3_600, -70, 70, 3_600, 90_000])(
    "asks once for each failure when GitHub's clock is %i seconds ahead",
    async (gitHubAheadSeconds) => {
      const { clock, memory, run, fail } = openWorld({ gitHubAheadSeconds });
      memory.answer = () => 500;
      fail(shop, 502, 20 * 3_600);
      for (let runs = 0; runs < 6; runs++, clock.advance(300)) {
        if (runs % 2 === 0) fail(site);
        await run();
      }

      expect(new Set(memory.asked).size).toBe(memory.asked.length);
      expect(memory.attempts(shop).length).toBeGreaterThan(5);
      expect(memory.attempts(site).length).toBeGreaterThan(8);
    },
  );

  it("goes on asking when GitHub's clock was an hour ahead and is set", async () => {
    const { ahead, clock, memory, run, fail } = openWorld({ gitHubAheadSeconds: 3_600 });
    fail(shop);
    await run();
    ahead.seconds = 0;
    clock.advance(300);
    fail(shop);
    fail(site);

    await run();

    expect(memory.asked).toHaveLength(3);
  });

  it("reads the list from its beginning when the cursor is good no longer", async () => {
    const { clock, memory, run, fail } = openWorld({ hooks: [shop], pageSize: 10 });
    for (let count = 0; count < 70; count++) fail(shop);
    await run();

    clock.advance(300);
    memory.failNext(new InvalidCursorError("bad cursor"));
    await run();
    clock.advance(300);
    await run();

    expect(new Set(memory.asked).size).toBe(70);
    expect(memory.asked).toHaveLength(70);
  });

  it("gives up on a delivery that GitHub refuses to repeat", async () => {
    const { clock, memory, run, fail, logged } = openWorld({ hooks: [shop] });
    fail(shop);
    const refusal = new RefusedError("refused (422)", { details: { status: 422 } });
    const create = memory.create;
    memory.create = (spend) => ({ ...create(spend), redeliver: () => Promise.reject(refusal) });

    await run();
    clock.advance(300);
    await run();

    expect(logged("redelivery.refused")).toHaveLength(1);
  });

  it("leaves the work to the run that holds the lease", async () => {
    const { clock, memory, state, run, fail, logged } = openWorld();
    fail(shop);
    await state.update((progress) => ({
      ...progress,
      lease: { holder: "other", untilMs: clock.now().getTime() + 60_000 },
    }));

    expect(await run()).toEqual({ asked: 0, calls: 0 });
    expect(logged("redelivery.already_running")).toHaveLength(1);
    clock.advance(61);
    expect(await run()).toMatchObject({ asked: 1 });
    expect(memory.asked).toHaveLength(1);
  });

  it("counts all the calls of a run that died", async () => {
    const { clock, state, run } = openWorld();
    await state.update(() => INITIAL_REDELIVERY);
    const death = new Error("killed");
    const update = state.update;
    let writes = 0;
    state.update = (change) => (++writes === 2 ? Promise.reject(death) : update(change));

    await expect(run()).rejects.toBe(death);

    expect(state.now().calls).toEqual([[clock.now().getTime(), MAX_CALLS_PER_RUN]]);
  });

  it("makes no call after its deadline", async () => {
    const { memory, run, fail } = openWorld();
    fail(shop);

    expect(await run("late", 0)).toEqual({ asked: 0, calls: 0 });
    expect(memory.calls).toBe(0);
  });
});
