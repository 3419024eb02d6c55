import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDynamodbPace } from "../../../dispatcher/aws/dynamodb-pace.ts";
import type { Pace } from "../../../dispatcher/ports.ts";
import { createMemoryPace } from "../../../lab/world/services/memory-pace.ts";
import { type DynaliteTable, startDynaliteTable } from "../../support/dynalite-table.ts";
import { signedFetchFor } from "../../support/signed-fetch-for.ts";

const tables: DynaliteTable[] = [];
beforeAll(async () => {
  // One table for each test: the pace is one for all who share a table.
  for (let count = 0; count < 4; count++) tables.push(await startDynaliteTable());
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

    const slots = await Promise.all(Array.from({ length: 6 }, () => pace.admit(now, undefined)));

    const later = slots.map((slot) => slot.getTime()).filter((slot) => slot > now.getTime());
    expect(later).toHaveLength(3);
    expect(new Set(later).size).toBe(3);
  });

  it("gives a moment that still holds again", async () => {
    const pace = create();
    for (let count = 0; count < 10; count++) await pace.admit(now, undefined);
    const slot = await pace.admit(now, undefined);

    expect(await pace.admit(now, slot)).toEqual(slot);
  });

  it("lets nobody call before what is blocked is free", async () => {
    const pace = create();
    const until = new Date(now.getTime() + 60_000);

    await pace.block(until);
    await pace.block(now);

    expect((await pace.admit(now, undefined)).getTime()).toBeGreaterThanOrEqual(until.getTime());
    expect((await pace.admit(now, now)).getTime()).toBeGreaterThanOrEqual(until.getTime());
  });

  it("spreads calls wider after a refusal", async () => {
    const pace = create();
    const spread = async () => {
      const slots = [];
      for (let count = 0; count < 6; count++) slots.push((await pace.admit(now, undefined)).getTime());
      return (slots[5] ?? 0) - (slots[4] ?? 0);
    };
    const before = await spread();

    await pace.slowDown(now);

    expect(await spread()).toBeGreaterThan(before);
  });
});
