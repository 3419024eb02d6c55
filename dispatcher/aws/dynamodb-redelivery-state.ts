import * as v from "valibot";
import { INITIAL_REDELIVERY, type RedeliveryProgress } from "../core/plan-redelivery.ts";
import type { RedeliveryState } from "../ports.ts";
import type { SignedFetch } from "./signed-fetch.ts";
import { createVersionedCell, type Sleep } from "./versioned-cell.ts";

const milliseconds = v.pipe(v.number(), v.finite(), v.minValue(0));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const schema = v.object({
  hooks: v.record(
    v.string(),
    v.object({
      floorMs: milliseconds,
      scan: v.exactOptional(v.object({ startedMs: milliseconds, cursor: v.exactOptional(v.string()) })),
      refused: v.exactOptional(v.tuple([v.string(), milliseconds])),
    }),
  ),
  chains: v.record(v.string(), v.tuple([milliseconds, milliseconds])),
  next: v.exactOptional(v.string()),
  aheadMs: v.exactOptional(v.pipe(v.number(), v.finite())),
  waitUntilMs: v.exactOptional(milliseconds),
  calls: v.array(v.tuple([milliseconds, count])),
  lease: v.exactOptional(v.object({ holder: v.string(), untilMs: milliseconds })),
}) satisfies v.GenericSchema<unknown, RedeliveryProgress>;

/** What the redeliver function remembers, in the item `redelivery` of the jobs table. */
export function createDynamodbRedeliveryState(fetch: SignedFetch, tableName: string, sleep?: Sleep): RedeliveryState {
  return createVersionedCell<RedeliveryProgress>({
    fetch,
    tableName,
    id: "redelivery",
    schema,
    initial: INITIAL_REDELIVERY,
    sleep,
  });
}
