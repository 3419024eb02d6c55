import { describe, expect, it } from "vitest";
import { readJobItem, toJobItem } from "../../../dispatcher/aws/job-item.ts";
import type { JobRecord } from "../../../dispatcher/core/job.ts";
import { sampleJob } from "../../support/sample-job.ts";

const record = sampleJob();
const item = toJobItem(record);
const holding = (change: object) => ({ ...item, record: { S: JSON.stringify({ ...record, ...change }) } });

describe("an item of the jobs table", () => {
  it("gives back the record that it was made of", () => {
    expect(readJobItem(11, item)).toEqual(record);
  });

  it("shows the table what its conditions and its time-to-live look at", () => {
    expect(item).toMatchObject({ id: { S: "job#11" }, version: { N: "1" }, expiresAt: { N: "1767528000" } });
  });

  it("keeps the fields of a newer deployment", () => {
    const newer = { later: { a: 1 }, launches: [{ ...record.launches[0], later: true }] };

    expect(readJobItem(11, holding(newer))).toEqual({ ...record, ...newer });
  });

  it.each<[string, unknown, string]>([
    ["no item", {}, "version"],
    ["no JSON", { ...item, record: { S: "{" } }, "record.S"],
    ["another version beside it", { ...item, version: { N: "2" } }, "version.N"],
    ["another job", holding({ jobId: 12 }), "record.S.jobId"],
    [
      "an unknown state",
      holding({ launches: [{ ...record.launches[0], state: "lost" }] }),
      "record.S.launches.0.state",
    ],
    ["a moment that is none", holding({ createdAt: "yesterday" }), "record.S.createdAt"],
    ["half an input", holding({ launches: [{ ...record.launches[0], runInput: {} }] }), "record.S.launches.0.runInput"],
  ])("is reported by its id and field when it holds %s", (_, malformed, field) => {
    expect(() => readJobItem(11, malformed)).toThrow(`item job#11 of the jobs table is malformed at ${field}`);
  });

  it("can be written without any optional field", () => {
    const { installationId, conclusion, lease, watchDue, ...bare } = record;
    const small: JobRecord = { ...bare, launches: [] };

    expect(readJobItem(11, toJobItem(small))).toEqual(small);
  });
});
