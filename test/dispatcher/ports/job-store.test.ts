import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDynamodbJobStore } from "../../../dispatcher/aws/dynamodb-job-store.ts";
import type { JobStore } from "../../../dispatcher/ports.ts";
import { createMemoryJobStore } from "../../../lab/world/services/memory-job-store.ts";
import { type DynaliteTable, startDynaliteTable } from "../../support/dynalite-table.ts";
import { sampleJob } from "../../support/sample-job.ts";
import { signedFetchFor } from "../../support/signed-fetch-for.ts";

let table: DynaliteTable;
beforeAll(async () => {
  table = await startDynaliteTable();
});
afterAll(() => table.close());

const implementations: [string, () => JobStore][] = [
  ["in memory", createMemoryJobStore],
  ["DynamoDB", () => createDynamodbJobStore(signedFetchFor("dynamodb", table.url), table.tableName)],
];

describe.each(implementations)("the job store, %s", (name, create) => {
  // The table is shared: each test has jobs of its own.
  let lastJobId = name === "DynamoDB" ? 1_000 : 0;
  const nextJobId = () => ++lastJobId;

  it("knows nothing of a job that was never written", async () => {
    expect(await create().get(nextJobId())).toBeUndefined();
  });

  it("gives back every field of a record", async () => {
    const store = create();
    const record = sampleJob({ jobId: nextJobId() });

    expect(await store.put(record)).toBe(true);

    expect(await store.get(record.jobId)).toEqual(record);
  });

  it("keeps jobs apart", async () => {
    const store = create();
    const [one, other] = [sampleJob({ jobId: nextJobId() }), sampleJob({ jobId: nextJobId(), labels: ["other"] })];

    await store.put(one);
    await store.put(other);

    expect(await store.get(one.jobId)).toEqual(one);
    expect(await store.get(other.jobId)).toEqual(other);
  });

  it("refuses a first version when there is a record already", async () => {
    const store = create();
    const record = sampleJob({ jobId: nextJobId() });
    await store.put(record);

    expect(await store.put({ ...record, labels: ["late"] })).toBe(false);
    expect(await store.put(record)).toBe(false);

    expect(await store.get(record.jobId)).toEqual(record);
  });

  it("replaces exactly the version before", async () => {
    const store = create();
    const record = sampleJob({ jobId: nextJobId() });
    await store.put(record);

    expect(await store.put({ ...record, version: 3 })).toBe(false);
    expect(await store.put({ ...record, version: 2, conclusion: "failure" })).toBe(true);
    expect(await store.put({ ...record, version: 2, conclusion: "cancelled" })).toBe(false);

    expect(await store.get(record.jobId)).toMatchObject({ version: 2, conclusion: "failure" });
  });

  it("does not write a later version of a job that is not there", async () => {
    expect(await create().put(sampleJob({ jobId: nextJobId(), version: 2 }))).toBe(false);
  });

  it("lets exactly one of many writers win", async () => {
    const store = create();
    const jobId = nextJobId();

    const won = await Promise.all(
      Array.from({ length: 8 }, (_, index) => store.put(sampleJob({ jobId, deliveryId: `delivery-${index}` }))),
    );

    expect(won.filter(Boolean)).toHaveLength(1);
    expect((await store.get(jobId))?.deliveryId).toBe(`delivery-${won.indexOf(true)}`);
  });

  it("hands out copies that a caller may change", async () => {
    const store = create();
    const record = sampleJob({ jobId: nextJobId() });
    await store.put(record);

    (await store.get(record.jobId))?.labels.push("changed");

    expect(await store.get(record.jobId)).toEqual(record);
  });
});
