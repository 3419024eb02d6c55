import { INITIAL_REDELIVERY, type RedeliveryProgress, redeliveryProgress } from "../core/redelivery-progress.ts";
import type { RedeliveryState } from "../ports.ts";
import type { SignedFetch } from "./transport/signed-fetch.ts";
import { createVersionedCell, type Sleep } from "./versioned-cell.ts";

/** What the redeliver function remembers, in the item `redelivery` of the jobs table. */
export function createDynamodbRedeliveryState(fetch: SignedFetch, tableName: string, sleep?: Sleep): RedeliveryState {
  return createVersionedCell<RedeliveryProgress>({
    fetch,
    tableName,
    id: "redelivery",
    schema: redeliveryProgress,
    initial: INITIAL_REDELIVERY,
    sleep,
  });
}
