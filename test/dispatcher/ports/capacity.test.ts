import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDynamodbCapacity } from "../../../dispatcher/aws/dynamodb-capacity.ts";
import { anyAnswer, createDynamodbRpc } from "../../../dispatcher/aws/transport/rpc.ts";
import type { Capacity } from "../../../dispatcher/ports.ts";
import { createMemoryCapacity } from "../../../lab/world/services/memory-capacity.ts";
import { type DynaliteTable, startDynaliteTable } from "../../support/dynalite-table.ts";
import { signedFetchFor } from "../../support/signed-fetch-for.ts";

let table: DynaliteTable;
beforeAll(async () => {
  table = await startDynaliteTable();
});
afterAll(() => table.close());

const place = (launchId: string, repository = "acme/shop") => ({ launchId, repository });
const atMost = (limit: number, each = Number.POSITIVE_INFINITY) => ({ limit, each });

async function emptied(capacity: Capacity): Promise<Capacity> {
  for (const taken of await capacity.holders()) await capacity.release(taken);
  return capacity;
}

async function idsOf(capacity: Capacity): Promise<string[]> {
  return (await capacity.holders()).map(({ launchId }) => launchId).sort();
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

    const won = await Promise.all(launchIds.map((launchId) => capacity.acquire(place(launchId), atMost(3))));

    expect(won.filter(Boolean)).toHaveLength(3);
    expect(await idsOf(capacity)).toEqual(launchIds.filter((_, index) => won[index]).sort());
  });

  it("gives a place that is held already again, also at the limit", async () => {
    const capacity = await create();
    await capacity.acquire(place("1-1"), atMost(1));

    expect(await capacity.acquire(place("1-1"), atMost(1))).toBe(true);
    expect(await capacity.acquire(place("2-1"), atMost(1))).toBe(false);
    expect(await capacity.holders()).toEqual([place("1-1")]);
  });

  it("gives a freed place to the next", async () => {
    const capacity = await create();
    await capacity.acquire(place("1-1"), atMost(1));

    await capacity.release(place("1-1"));
    await capacity.release(place("1-1"));

    expect(await capacity.holders()).toEqual([]);
    expect(await capacity.acquire(place("2-1"), atMost(1))).toBe(true);
  });

  it("keeps those who have a place when the limit is lowered, and lets nobody in", async () => {
    const capacity = await create();
    await capacity.acquire(place("1-1"), atMost(2));
    await capacity.acquire(place("2-1"), atMost(2));

    expect(await capacity.acquire(place("1-1"), atMost(1))).toBe(true);
    expect(await capacity.acquire(place("3-1"), atMost(1))).toBe(false);
    expect(await capacity.acquire(place("3-1"), atMost(0))).toBe(false);
  });

  it("gives one repository no more than its bound, however many ask at once, and others what is left", async () => {
    const capacity = await create();
    const asking = Array.from({ length: 8 }, (_, index) => capacity.acquire(place(`${index + 1}-1`), atMost(4, 2)));

    expect((await Promise.all(asking)).filter(Boolean)).toHaveLength(2);
    expect(await capacity.acquire(place("21-1", "acme/site"), atMost(4, 2))).toBe(true);
    expect(await capacity.acquire(place("22-1", "acme/site"), atMost(4, 2))).toBe(true);
    expect(await capacity.acquire(place("31-1", "acme/docs"), atMost(4, 2))).toBe(false);
  });

  it("says which repository each place belongs to", async () => {
    const capacity = await create();
    await capacity.acquire(place("1-1"), atMost(5));
    await capacity.acquire(place("2-1", "acme/site"), atMost(5));

    const byId = (await capacity.holders()).toSorted((a, b) => a.launchId.localeCompare(b.launchId));
    expect(byId).toEqual([place("1-1"), place("2-1", "acme/site")]);
  });

  it("bounds one repository where all together have no bound", async () => {
    const capacity = await create();
    const bounds = atMost(Number.POSITIVE_INFINITY, 1);
    expect(await capacity.acquire(place("1-1"), bounds)).toBe(true);
    expect(await capacity.acquire(place("2-1"), bounds)).toBe(false);
    await capacity.release(place("1-1"));
    expect(await capacity.acquire(place("2-1"), bounds)).toBe(true);
  });
});

describe("places that an older release took or gave back, of which it knows no repository", () => {
  const call = async (UpdateExpression: string, launchId: string) => {
    const fetch = signedFetchFor("dynamodb", table.url);
    const ExpressionAttributeValues = { ":one": { SS: [launchId] } };
    const input = {
      TableName: table.tableName,
      Key: { id: { S: "capacity" } },
      UpdateExpression,
      ExpressionAttributeValues,
    };
    await createDynamodbRpc(fetch)({ operation: "UpdateItem", input, answer: anyAnswer, what: "the older release" });
  };
  const create = () => emptied(createDynamodbCapacity(signedFetchFor("dynamodb", table.url), table.tableName));

  it("count among all, and can be given back", async () => {
    const capacity = await create();
    await call("ADD launchIds :one", "1-1");

    expect(await capacity.holders()).toEqual([{ launchId: "1-1" }]);
    expect(await capacity.acquire(place("2-1"), atMost(1))).toBe(false);
    expect(await capacity.acquire(place("1-1"), atMost(1, 1))).toBe(true);
    await capacity.release(place("1-1"));
    expect(await capacity.holders()).toEqual([]);
  });

  it("are still seen when it forgot them in one set only", async () => {
    const capacity = await create();
    await capacity.acquire(place("1-1"), atMost(1));
    await call("DELETE launchIds :one", "1-1");

    expect(await capacity.holders()).toEqual([place("1-1")]);
  });
});

it("the places of a class are not those of all, nor of another class", async () => {
  const fetch = signedFetchFor("dynamodb", table.url);
  const [all, large, small] = [undefined, "large", "small"].map((name) =>
    createDynamodbCapacity(fetch, table.tableName, name),
  );
  await emptied(all as Capacity);
  expect(await large?.acquire(place("1-1"), atMost(1))).toBe(true);
  expect(await small?.acquire(place("2-1"), atMost(1))).toBe(true);
  expect(await large?.acquire(place("2-1"), atMost(1))).toBe(false);
  expect(await all?.holders()).toEqual([]);
  await large?.release(place("1-1"));
  expect([await large?.holders(), await small?.holders()]).toEqual([[], [place("2-1")]]);
});
