import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createVersionedCell } from "../../../dispatcher/aws/versioned-cell.ts";
import { type DynaliteTable, startDynaliteTable } from "../../support/dynalite-table.ts";
import { signedFetchFor } from "../../support/signed-fetch-for.ts";

let table: DynaliteTable;
beforeAll(async () => {
  table = await startDynaliteTable();
});
afterAll(() => table.close());

let lastId = 0;
function cell(id: string, fetch?: typeof globalThis.fetch) {
  return createVersionedCell({
    fetch: signedFetchFor("dynamodb", table.url, fetch ? { fetch } : {}),
    tableName: table.tableName,
    id,
    schema: v.number(),
    initial: 0,
  });
}

describe("a versioned cell", () => {
  it("holds its initial value until it is written", async () => {
    const one = cell(`cell-${++lastId}`);

    expect(await one.read()).toBe(0);
    expect(await one.update((value) => value + 5)).toBe(5);
    expect(await one.read()).toBe(5);
  });

  it("loses no change of many at once", async () => {
    const id = `cell-${++lastId}`;

    await Promise.all(Array.from({ length: 8 }, () => cell(id).update((value) => value + 1)));

    expect(await cell(id).read()).toBe(8);
  });

  it("changes its value once when the answer to its own write is lost", async () => {
    const id = `cell-${++lastId}`;
    await cell(id).update((value) => value + 1);
    let lost = 0;
    const losing: typeof globalThis.fetch = async (input, init) => {
      const response = await fetch(input, init);
      const isPut = new Headers(init?.headers).get("x-amz-target")?.endsWith("PutItem");
      if (!isPut || lost++ > 0) return response;
      throw new TypeError("fetch failed");
    };

    expect(await cell(id, losing).update((value) => value + 1)).toBe(2);
    expect(lost).toBe(2);
    expect(await cell(id).read()).toBe(2);
  });

  it("writes nothing when nothing changes", async () => {
    const targets: string[] = [];
    const recording: typeof globalThis.fetch = (input, init) => {
      targets.push(new Headers(init?.headers).get("x-amz-target") ?? "");
      return fetch(input, init);
    };

    await cell(`cell-${++lastId}`, recording).update((value) => value);

    expect(targets).toEqual(["DynamoDB_20120810.GetItem"]);
  });

  it("asks to come back when it never gets its turn", async () => {
    const id = `cell-${++lastId}`;
    const refusing: typeof globalThis.fetch = async (input, init) => {
      if (!new Headers(init?.headers).get("x-amz-target")?.endsWith("PutItem")) return fetch(input, init);
      return new Response(JSON.stringify({ __type: "x#ConditionalCheckFailedException" }), { status: 400 });
    };
    const waits: number[] = [];
    const busy = createVersionedCell({
      fetch: signedFetchFor("dynamodb", table.url, { fetch: refusing }),
      tableName: table.tableName,
      id,
      schema: v.number(),
      initial: 0,
      random: () => 1,
      sleep: async (ms) => void waits.push(ms),
    });

    await expect(busy.update((value) => value + 1)).rejects.toMatchObject({
      name: "ThrottledError",
      retryAfterSeconds: 1,
    });
    expect(waits[0]).toBe(20);
    expect(Math.max(...waits)).toBe(400);
  });

  it("reports a malformed item by its id", async () => {
    const id = `cell-${++lastId}`;
    await cell(id).update((value) => value + 1);
    const texts = createVersionedCell({
      fetch: signedFetchFor("dynamodb", table.url),
      tableName: table.tableName,
      id,
      schema: v.object({ text: v.string() }),
      initial: { text: "" },
    });

    await expect(texts.read()).rejects.toThrow(`item ${id} of the jobs table is malformed`);
  });
});
