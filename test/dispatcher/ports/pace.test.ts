import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDynamodbPace } from "../../../dispatcher/aws/dynamodb-pace.ts";
import type { Pace } from "../../../dispatcher/ports.ts";
import { createMemoryPace } from "../../../lab/world/services/memory-pace.ts";
import { type DynaliteTable, startDynaliteTable } from "../../support/dynalite-table.ts";
import { signedFetchFor } from "../../support/signed-fetch-for.ts";

const tables: DynaliteTable[] = [];
beforeAll(async () => {
  // One table for each test: the pace is one for all who share a table.
  for (let count = 0; count < 5; count++) tables.push(await startDynaliteTable());
});
afterAll(async () => {
  for (const table of tables) await table.close();
});

let used = 0;
function overDynalite(): Pace {
  const table = tables[used++];
  if (table === undefined) throw new Error("start as many tables as there are tests");
  return createDynamodbPace(signedFetchFor("dynamodb", table.url), table.tableName);
}

const implementations: [string, () => Pace][] = [
  ["in memory", createMemoryPace],
  ["DynamoDB", overDynalite],
];
const now = new Date("2026-01-01T12:00:00Z");

describe.each(implementations)("the pace, %s", (_, create) => {
  it("gives callers moments of their own, however many ask at once", async () => {
    const pace = create();

    const slots = await Promise.all(Array.from({ length: 23 }, () => pace.admit(now, undefined)));

    const later = slots.map((slot) => slot?.atMs ?? 0).filter((atMs) => atMs > now.getTime());
    expect(later).toHaveLength(3);
    expect(new Set(later).size).toBe(3);
  });

  it("gives a moment that still holds again", async () => {
    const pace = create();
    for (let count = 0; count < 22; count++) await pace.admit(now, undefined);
    const slot = await pace.admit(now, undefined);

    expect(await pace.admit(now, slot)).toEqual(slot);
  });

  it("lets nobody call before what is blocked is free", async () => {
    const pace = create();
    const until = new Date(now.getTime() + 60_000);

    await pace.block(until);
    await pace.block(now);

    const early = { atMs: now.getTime(), epoch: 0 };
    expect((await pace.admit(now, undefined))?.atMs).toBeGreaterThanOrEqual(until.getTime());
    expect((await pace.admit(now, early))?.atMs).toBeGreaterThanOrEqual(until.getTime());
  });

  it("spreads calls wider after refusals, and gives nobody a moment again from before them", async () => {
    const pace = create();
    const spread = async () => {
      const slots = [];
      for (let count = 0; count < 22; count++) slots.push((await pace.admit(now, undefined))?.atMs ?? 0);
      return (slots[21] ?? 0) - (slots[20] ?? 0);
    };
    const before = await spread();
    const slot = await pace.admit(now, undefined);

    await pace.slowDown(now, 0);
    await pace.slowDown(new Date(now.getTime() + 3_000), 1);

    expect(await spread()).toBeGreaterThan(before);
    expect(await pace.admit(now, slot)).not.toEqual(slot);
  });

  it("gives no moment while launches may be held, but to one that knows that it is not", async () => {
    const pace = create();
    const early = await pace.admit(now, undefined);

    await pace.markHeld(true);

    expect(await pace.admit(now, undefined)).toBeUndefined();
    expect(await pace.admit(now, early)).toBeUndefined();
    expect(await pace.admit(now, undefined, true)).toEqual({ atMs: now.getTime(), epoch: 0 });
    await pace.markHeld(false);
    expect(await pace.admit(now, undefined)).toEqual({ atMs: now.getTime(), epoch: 0 });
  });
});
