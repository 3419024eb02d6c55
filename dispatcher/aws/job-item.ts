import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { type JobRecord, jobRecord } from "../core/job.ts";
import { RefusedError } from "../errors.ts";
import type { VersionedItem } from "./versioned-items.ts";

/**
 * One item of the jobs table. The record travels as one JSON string, which the application alone reads; beside it stand
 * what conditions and the table's time-to-live look at.
 */
export interface JobItem extends VersionedItem {
  expiresAt: AttributeValue.NMember;
  record: AttributeValue.SMember;
}

/** The key of a job's item. */
export function jobKey(jobId: number): string {
  return `job#${jobId}`;
}

/** The item that holds a record. */
export function toJobItem(record: JobRecord): JobItem {
  return {
    id: { S: jobKey(record.jobId) },
    version: { N: String(record.version) },
    expiresAt: { N: String(record.expiresAt) },
    record: { S: JSON.stringify(record) },
  };
}

const jobItem = v.object({
  version: v.object({ N: v.pipe(v.string(), v.regex(/^\d+$/)) }),
  record: v.object({ S: v.pipe(v.string(), v.parseJson(), jobRecord) }),
});

/** Reads the item of a job; throws a RefusedError that names the item and the field when it is malformed. */
export function readJobItem(jobId: number, item: unknown): JobRecord {
  const result = v.safeParse(jobItem, item);
  if (!result.success) throw malformed(jobId, v.getDotPath(result.issues[0]) ?? "(whole)");
  const record = result.output.record.S;
  if (record.jobId !== jobId) throw malformed(jobId, "record.S.jobId");
  if (String(record.version) !== result.output.version.N) throw malformed(jobId, "version.N");
  return record;
}

function malformed(jobId: number, field: string): RefusedError {
  return new RefusedError(`item job#${jobId} of the jobs table is malformed at ${field}; repair or delete it`, {
    details: { jobId, field },
  });
}
