import { describe, expect, it } from "vitest";
import {
  afterPage,
  afterRedelivery,
  beginRun,
  callsAllowed,
  endRun,
  failedForMs,
  hookKey,
  MAX_CALLS_PER_RUN,
  noteRefusal,
  planRedelivery,
  type RedeliveryRun,
  skipHook,
} from "../../../dispatcher/core/plan-redelivery.ts";
import { INITIAL_REDELIVERY, type RedeliveryProgress } from "../../../dispatcher/core/redelivery-progress.ts";
import type { DeliveryAttempt, DeliveryPage, WatchedHook } from "../../../dispatcher/core/views.ts";

const now = new Date("2026-01-02T12:00:00Z");
const nowMs = now.getTime();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const hook: WatchedHook = { kind: "organization", organization: "my-org", hookId: 7 };
const KEY = "my-org#7";
const repository = (hookId: number): WatchedHook => ({ kind: "repository", repository: "my-org/shop", hookId });

const attempt = (change: Partial<DeliveryAttempt> & { agoMs?: number } = {}): DeliveryAttempt => {
  const { agoMs = 3 * MINUTE_MS, ...rest } = change;
  const deliveredAt = new Date(nowMs - agoMs);
  return { id: "1", guid: "a", deliveredAt, statusCode: 502, event: "workflow_job", action: "queued", ...rest };
};

const begin = (progress: Partial<RedeliveryProgress> = {}, hooks: readonly WatchedHook[] = [hook]): RedeliveryRun =>
  beginRun({ ...INITIAL_REDELIVERY, ...progress }, hooks, now);
const read = (run: RedeliveryRun, page: DeliveryPage, at: WatchedHook = hook): RedeliveryRun =>
  afterPage(run, at, page, now);
const known = (hooks: RedeliveryProgress["hooks"][string]) => ({ hooks: { [KEY]: hooks } });
/** How many of one page's failures are to be sent again. */
const pending = (one: DeliveryAttempt, progress: Partial<RedeliveryProgress> = {}, readAt?: Date): number =>
  read(begin(progress), { attempts: [one], ...(readAt ? { readAt } : {}) }).page?.pending.length ?? 0;

it("a hook has a name of its own", () => {
  expect([{ kind: "app" } as const, hook, repository(9)].map(hookKey)).toEqual(["app", KEY, "my-org/shop#9"]);
});

describe("a run that begins", () => {
  it("may call again when GitHub's wait and the hour are just over", () => {
    expect(callsAllowed({ ...INITIAL_REDELIVERY, waitUntilMs: nowMs }, now)).toBe(MAX_CALLS_PER_RUN);
    expect(callsAllowed({ ...INITIAL_REDELIVERY, calls: [[nowMs - HOUR_MS, 720]] }, now)).toBe(MAX_CALLS_PER_RUN);
  });

  it("goes on with the hook that comes next, then round", () => {
    const [one, two, three] = [repository(1), repository(2), repository(3)];

    expect(begin({ next: hookKey(two) }, [one, two, three]).hooks).toEqual([two, three, one]);
    expect(begin({ next: "gone" }, [one, two]).hooks).toEqual([one, two]);
  });

  it("keeps what it knows of a hook, and starts a scan where none is on its way", () => {
    const refused = ["redelivery.not_permitted", 3] as const;
    const scan = { startedMs: nowMs - HOUR_MS, cursor: "older" };

    expect(begin(known({ floorMs: 5, refused })).progress.hooks).toStrictEqual(
      known({ floorMs: 5, scan: { startedMs: nowMs }, refused }).hooks,
    );
    expect(begin(known({ floorMs: 5, scan })).progress.hooks).toStrictEqual(known({ floorMs: 5, scan }).hooks);
  });

  it("dates scans and chains by GitHub's clock", () => {
    const aheadMs = 5 * MINUTE_MS;
    const chains = {
      old: [nowMs + aheadMs - 25 * HOUR_MS, 0],
      young: [nowMs + aheadMs - 25 * HOUR_MS + 1, 0],
    } as const;

    const { progress } = begin({ aheadMs, chains });

    expect(progress.hooks[KEY]?.scan).toEqual({ startedMs: nowMs + aheadMs });
    expect(Object.keys(progress.chains)).toEqual(["young"]);
  });

  it("forgets the calls that are an hour old", () => {
    const young = [nowMs - HOUR_MS + 1, 3] as const;
    expect(begin({ calls: [[nowMs - HOUR_MS, 7], young] }).progress.calls).toEqual([young]);
  });
});

describe("the next step", () => {
  it("lists the first page of a hook", () => {
    expect(planRedelivery(begin())).toStrictEqual({ kind: "list", hook });
  });

  it("asks for each failure of a page before another hook is read", () => {
    const [other, first, second] = [repository(1), attempt({ guid: "a" }), attempt({ guid: "b", agoMs: HOUR_MS })];
    const run = read(begin({}, [hook, other]), { attempts: [first, second] });
    const asked = afterRedelivery(run);

    expect(planRedelivery(run)).toEqual({ kind: "redeliver", hook, attempt: first });
    expect(planRedelivery(asked)).toEqual({ kind: "redeliver", hook, attempt: second });
    expect(planRedelivery(afterRedelivery(asked))).toEqual({ kind: "list", hook: other });
  });

  it("goes round the hooks, past those that are done", () => {
    const hooks = [repository(1), repository(2), repository(3)] as const;
    const second = skipHook(begin({}, hooks), hooks[1]);
    const paged = read(second, { attempts: [attempt({ statusCode: 200 })], nextCursor: "older" }, hooks[2]);

    expect(planRedelivery(second)).toMatchObject({ hook: hooks[2] });
    expect(planRedelivery(paged)).toMatchObject({ hook: hooks[0] });
    expect(planRedelivery(skipHook(paged, hooks[0]))).toEqual({ kind: "list", hook: hooks[2], cursor: "older" });
  });
});

describe("a page", () => {
  it.each([
    ["is not the event of a job", attempt({ event: "check_run" }), 0],
    ["was answered, if late and badly", attempt({ statusCode: 502, agoMs: MINUTE_MS / 2 }), 1],
    ["has waited a minute for an answer", attempt({ statusCode: 0, agoMs: MINUTE_MS }), 1],
    ["was answered with what is just no success", attempt({ statusCode: 300 }), 1],
  ])("whose attempt %s", (_, one, count) => {
    expect(pending(one)).toBe(count);
  });

  it("is dealt with below the floor, unless that lies in the future", () => {
    const at = (agoMs: number) => pending(attempt(), known({ floorMs: nowMs - agoMs }));

    expect(at(3 * MINUTE_MS)).toBe(1);
    expect(at(3 * MINUTE_MS - 1)).toBe(0);
    expect(at(0)).toBe(0);
    expect(at(-1)).toBe(1);
    expect(pending(attempt({ agoMs: DAY_MS + 1 }), known({ floorMs: nowMs + 1 }))).toBe(0);
  });

  it("is judged by GitHub's clock", () => {
    const open = attempt({ statusCode: 0, agoMs: 0 });

    expect(pending(open, {}, new Date(nowMs + MINUTE_MS))).toBe(1);
    expect(pending(open, {}, new Date(nowMs + MINUTE_MS - 1))).toBe(0);
    expect(pending(open, { aheadMs: MINUTE_MS })).toBe(1);
  });

  it("repeats no event whose first failure is just a day old", () => {
    const chain = (agoMs: number) => ({ chains: { a: [nowMs - agoMs, nowMs - HOUR_MS] } }) as const;

    expect(pending(attempt(), chain(DAY_MS))).toBe(0);
    expect(pending(attempt(), chain(DAY_MS - 1))).toBe(1);
  });

  it("is followed by an older one until the floor, and by none when it is empty", () => {
    const floorMs = nowMs - HOUR_MS;
    const next = (page: DeliveryPage) => planRedelivery(read(begin(known({ floorMs })), page)).kind;
    const delivered = (agoMs: number) => [attempt({ statusCode: 200, agoMs })];

    expect(next({ attempts: delivered(HOUR_MS), nextCursor: "older" })).toBe("list");
    expect(next({ attempts: delivered(HOUR_MS + 1), nextCursor: "older" })).toBe("done");
    expect(next({ attempts: delivered(0) })).toBe("done");
    expect(next({ attempts: [], nextCursor: "older" })).toBe("done");
  });

  it("dates its scan when it is the first, and none later", () => {
    const readAt = (ms: number) => new Date(nowMs + ms);
    const delivered = [attempt({ statusCode: 200 })];
    const first = read(begin(), { attempts: delivered, nextCursor: "older", readAt: readAt(5_000) });
    const second = read(first, { attempts: delivered, readAt: readAt(9_000) });

    expect(first.progress).toMatchObject({
      aheadMs: 5_000,
      hooks: known({ floorMs: 0, scan: { startedMs: nowMs + 5_000, cursor: "older" } }).hooks,
    });
    expect(second.progress).toMatchObject({
      aheadMs: 9_000,
      hooks: known({ floorMs: nowMs + 5_000 - 10 * MINUTE_MS }).hooks,
    });
  });
});

describe("an attempt that was asked for", () => {
  it("is remembered by when its event first and last failed", () => {
    const lastMs = attempt().deliveredAt.getTime();
    const first = afterRedelivery(read(begin(), { attempts: [attempt()] }));
    const chains = { a: [nowMs - HOUR_MS, nowMs - HOUR_MS], b: [nowMs, nowMs] } as const;
    const later = afterRedelivery(read(begin({ chains }), { attempts: [attempt()] }));

    expect(first.progress.chains).toEqual({ a: [lastMs, lastMs] });
    expect(later.progress.chains).toEqual({ ...chains, a: [nowMs - HOUR_MS, lastMs] });
  });

  it("has failed since its event first did, by GitHub's clock", () => {
    const chains = { a: [nowMs - HOUR_MS, nowMs - HOUR_MS] } as const;

    expect(failedForMs(begin(), attempt(), now)).toBe(3 * MINUTE_MS);
    expect(failedForMs(begin({ chains }), attempt(), now)).toBe(HOUR_MS);
    expect(failedForMs(begin({ aheadMs: 5_000 }), attempt(), now)).toBe(3 * MINUTE_MS + 5_000);
  });

  it("takes the place of the oldest when there are too many", () => {
    const chain = (index: number): [string, [number, number]] => [`g${index}`, [nowMs - HOUR_MS - index, nowMs]];
    const chainsAfter = (count: number) => {
      const chains = Object.fromEntries(Array.from({ length: count }, (_, index) => chain(index)));
      return Object.keys(afterRedelivery(read(begin({ chains }), { attempts: [attempt()] })).progress.chains);
    };
    const [full, over] = [chainsAfter(3_999), chainsAfter(4_000)];

    expect([full.length, over.length]).toEqual([4_000, 4_000]);
    expect([full.includes("g3998"), over.includes("g3998"), over.includes("g3999")]).toEqual([true, true, false]);
    expect([full.includes("a"), over.includes("a")]).toEqual([true, true]);
  });

  it("changes nothing where no page is read, nor where its hook is looked after no longer", () => {
    const [run, none] = [begin(), begin({}, [])];
    const page = { attempts: [attempt()], readAt: now };

    expect(afterRedelivery(run)).toBe(run);
    expect(afterRedelivery(read(none, page)).progress.hooks).toEqual({});
    expect(planRedelivery(afterRedelivery(read(none, page)))).toEqual({ kind: "done" });
  });
});

describe("a hook that cannot be looked at", () => {
  const scan = { startedMs: nowMs - HOUR_MS, cursor: "older" };
  const skipped = (restart?: boolean) => skipHook(begin(known({ floorMs: 5, scan })), hook, restart);

  it("keeps its place, unless that is of no use any more", () => {
    expect(skipped().progress.hooks).toEqual(known({ floorMs: 5, scan }).hooks);
    expect(skipped(true).progress.hooks).toStrictEqual(
      known({ floorMs: 5, scan: { startedMs: scan.startedMs } }).hooks,
    );
    expect(planRedelivery(skipped(true))).toEqual({ kind: "done" });
  });

  it("loses nothing of what is known of the others, nor does it begin where nothing is known", () => {
    const run = skipHook(begin({}, [hook, repository(1)]), hook, true);

    expect(run.progress.hooks["my-org/shop#1"]).toEqual({ floorMs: 0, scan: { startedMs: nowMs } });
    expect(skipHook(begin({}, []), hook, true).progress.hooks).toEqual({});
  });

  it("lets go of the page that was read", () => {
    expect(planRedelivery(skipHook(read(begin(), { attempts: [attempt()] }), hook))).toEqual({ kind: "done" });
  });

  it("is told of once a day and for each reason", () => {
    const note = (run: RedeliveryRun, reason: string, afterMs = 0) =>
      noteRefusal(run, hook, reason, new Date(nowMs + afterMs));
    const first = note(begin({}, [hook, repository(1)]), "refused");

    expect(first.tell).toBe(true);
    expect(first.run.progress.hooks[KEY]).toEqual({
      floorMs: 0,
      scan: { startedMs: nowMs },
      refused: ["refused", nowMs],
    });
    expect(Object.keys(first.run.progress.hooks)).toHaveLength(2);
    expect(note(first.run, "refused", DAY_MS - 1)).toEqual({ run: first.run, tell: false });
    expect(note(first.run, "refused", DAY_MS).tell).toBe(true);
    expect(note(first.run, "missing", 1).tell).toBe(true);
    expect(note(begin({}, []), "refused").run.progress.hooks).toEqual({
      [KEY]: { floorMs: 0, refused: ["refused", nowMs] },
    });
  });

  it("is refused no longer once its deliveries were read", () => {
    const refused = ["redelivery.not_permitted", 3] as const;
    const run = read(begin(known({ floorMs: 5, refused })), { attempts: [] });
    expect(run.progress.hooks[KEY]).toStrictEqual({ floorMs: nowMs - 10 * MINUTE_MS });
  });
});

describe("a run that ends", () => {
  it("names the hook whose failures are left, else the one that comes next, else none", () => {
    const hooks = [hook, repository(1)];

    expect(endRun(read(begin({}, hooks), { attempts: [attempt()] })).next).toBe(KEY);
    expect(endRun(read(begin({}, hooks), { attempts: [] })).next).toBe("my-org/shop#1");
    expect(endRun(begin({ next: "gone" }, []))).not.toHaveProperty("next");
  });
});
