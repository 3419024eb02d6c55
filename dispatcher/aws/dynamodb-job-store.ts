import type { JobStore } from "../ports.ts";
import { jobKey, readJobItem, toJobItem } from "./job-item.ts";
import type { SignedFetch } from "./transport/signed-fetch.ts";
import { createVersionedItems } from "./versioned-items.ts";

/** The jobs table in DynamoDB; its number `expiresAt` is the table's time-to-live. */
export function createDynamodbJobStore(fetch: SignedFetch, tableName: string): JobStore {
  const items = createVersionedItems(fetch, tableName);
  return {
    async get(jobId) {
      const item = await items.get(jobKey(jobId), `reading job ${jobId}`);
      return item === undefined ? undefined : readJobItem(jobId, item);
    },
    put: (record) => items.put(toJobItem(record), `writing job ${record.jobId}`),
  };
}
