import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDynamodbCapacity } from "../../../dispatcher/aws/dynamodb-capacity.ts";
import type { Capacity } from "../../../dispatcher/ports.ts";
import { createMemoryCapacity } from "../../../lab/world/services/memory-capacity.ts";
import { type DynaliteTable, startDynaliteTable } from "../../support/dynalite-table.ts";
import { signedFetchFor } from "../../support/signed-fetch-for.ts";

let table: DynaliteTable;
beforeAll(async () => {
  table = await startDynaliteTable();
});
afterAll(() => table.close());

async function emptied(capacity: Capacity): Promise<Capacity> {
  for (const launchId of await capacity.holders()) await capacity.release(launchId);
  return capacity;
}

const implementations: [string, () => Promise<Capacity>][] = [
  ["in memory", async () => createMemoryCapacity()],
  ["DynamoDB", () => emptied(createDynamodbCapacity(signedFetchFor("dynamodb", table.url), table.tableName))],
];

describe.each(implementations)("the capacity, %s", (_, create) => {
  it("has nobody in it at first", async () => {
    expect(await (await create()).holders()).toEqual([]);
  });

  it("gives no more places than the limit, however many ask at once", async () => {
    const capacity = await create();
    const launchIds = Array.from({ length: 12 }, (_, index) => `${index + 1}-1`);

    const won = await Promise.all(launchIds.map((launchId) => capacity.acquire(launchId, 3)));

    expect(won.filter(Boolean)).toHaveLength(3);
    expect((await capacity.holders()).sort()).toEqual(launchIds.filter((_, index) => won[index]).sort());
  });

  it("gives a place that is held already again, also at the limit", async () => {
    const capacity = await create();
    await capacity.acquire("1-1", 1);

    expect(await capacity.acquire("1-1", 1)).toBe(true);
    expect(await capacity.acquire("2-1", 1)).toBe(false);
    expect(await capacity.holders()).toEqual(["1-1"]);
  });

  it("gives a freed place to the next", async () => {
    const capacity = await create();
    await capacity.acquire("1-1", 1);

    await capacity.release("1-1");
    await capacity.release("1-1");

    expect(await capacity.holders()).toEqual([]);
    expect(await capacity.acquire("2-1", 1)).toBe(true);
  });

  it("keeps those who have a place when the limit is lowered, and lets nobody in", async () => {
    const capacity = await create();
    await capacity.acquire("1-1", 2);
    await capacity.acquire("2-1", 2);

    expect(await capacity.acquire("1-1", 1)).toBe(true);
    expect(await capacity.acquire("3-1", 1)).toBe(false);
    expect(await capacity.acquire("3-1", 0)).toBe(false);
  });
});
