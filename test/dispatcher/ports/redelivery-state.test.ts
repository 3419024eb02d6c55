import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDynamodbRedeliveryState } from "../../../dispatcher/aws/dynamodb-redelivery-state.ts";
import { INITIAL_REDELIVERY, type RedeliveryProgress } from "../../../dispatcher/core/redelivery-progress.ts";
import type { RedeliveryState } from "../../../dispatcher/ports.ts";
import { createMemoryRedeliveryState } from "../../../lab/world/services/memory-redelivery-state.ts";
import { type DynaliteTable, startDynaliteTable } from "../../support/dynalite-table.ts";
import { signedFetchFor } from "../../support/signed-fetch-for.ts";

let table: DynaliteTable;
beforeAll(async () => {
  table = await startDynaliteTable();
});
afterAll(() => table.close());

const implementations: [string, () => RedeliveryState][] = [
  ["in memory", createMemoryRedeliveryState],
  ["DynamoDB", () => createDynamodbRedeliveryState(signedFetchFor("dynamodb", table.url), table.tableName)],
];

describe.each(implementations)("what redelivery remembers, %s", (_, create) => {
  it("is empty at first, and what was written from then on", async () => {
    const state = create();
    const full: RedeliveryProgress = {
      hooks: { "my-org#7": { floorMs: 1, scan: { startedMs: 2, cursor: "v1_9" } }, app: { floorMs: 3 } },
      chains: { guid: [4, 5] },
      calls: [[6, 7]],
      next: "app",
      waitUntilMs: 8,
      lease: { holder: "request", untilMs: 9 },
    };
    let before: RedeliveryProgress | undefined;

    await state.update((progress) => {
      before = progress;
      return full;
    });

    expect(before).toEqual(INITIAL_REDELIVERY);
    expect(await state.update((progress) => progress)).toEqual(full);
  });
});
