import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDynamodbJobStore } from "../../../dispatcher/aws/dynamodb-job-store.ts";
import { type DynaliteTable, startDynaliteTable } from "../../support/dynalite-table.ts";
import { sampleJob } from "../../support/sample-job.ts";
import { signedFetchFor } from "../../support/signed-fetch-for.ts";

let table: DynaliteTable;
beforeAll(async () => {
  table = await startDynaliteTable();
});
afterAll(() => table.close());

/** A fetch that carries out the first write and then loses its answer. */
function losingFirstWrite(afterwards: () => Promise<unknown> = async () => undefined): typeof globalThis.fetch {
  let lost = false;
  return async (input, init) => {
    const response = await fetch(input, init);
    if (lost || !new Headers(init?.headers).get("x-amz-target")?.endsWith("PutItem")) return response;
    lost = true;
    await afterwards();
    throw new TypeError("fetch failed");
  };
}

describe("a write whose answer was lost", () => {
  let jobId = 100;
  beforeEach(() => {
    jobId++;
  });

  it("counts as done when the record is there", async () => {
    const fetch = losingFirstWrite();
    const store = createDynamodbJobStore(signedFetchFor("dynamodb", table.url, { fetch }), table.tableName);

    // The order of a record's fields is whatever its writers made it.
    const { version, labels, ...rest } = sampleJob({ jobId });
    expect(await store.put({ ...rest, labels, version })).toBe(true);
  });

  it("counts as beaten when another writer went on from it", async () => {
    const other = createDynamodbJobStore(signedFetchFor("dynamodb", table.url), table.tableName);
    const fetch = losingFirstWrite(() => other.put(sampleJob({ jobId, version: 2, conclusion: "failure" })));
    const store = createDynamodbJobStore(signedFetchFor("dynamodb", table.url, { fetch }), table.tableName);

    expect(await store.put(sampleJob({ jobId }))).toBe(false);
  });
});

describe("errors of the job store", () => {
  it("name the job and what to look at", async () => {
    const store = createDynamodbJobStore(signedFetchFor("dynamodb", table.url), "another-table");

    await expect(store.get(11)).rejects.toMatchObject({
      name: "NotFoundError",
      message: expect.stringMatching(/^reading job 11 failed: ResourceNotFoundException/),
    });
    await expect(store.put(sampleJob())).rejects.toMatchObject({ name: "NotFoundError" });
  });
});
