import type { JobRecord } from "../../../dispatcher/core/job.ts";
import type { JobStore } from "../../../dispatcher/ports.ts";
import { createFaultPlan, type Faulty } from "./fault-plan.ts";

export interface MemoryJobStore extends JobStore, Faulty<"get" | "put"> {
  /** Copies of all records, in the order of their first write. */
  all(): JobRecord[];
}

/** The jobs table in memory. */
export function createMemoryJobStore(): MemoryJobStore {
  const { run, ...faulty } = createFaultPlan<"get" | "put">();
  const items = new Map<number, { version: number; json: string }>();
  const read = (json: string): JobRecord => JSON.parse(json) as JobRecord;
  return {
    ...faulty,
    get: (jobId) =>
      run("get", () => {
        const item = items.get(jobId);
        return item && read(item.json);
      }),
    put: (record) =>
      run("put", () => {
        const before = items.get(record.jobId)?.version ?? 0;
        if (before !== record.version - 1) return false;
        items.set(record.jobId, { version: record.version, json: JSON.stringify(record) });
        return true;
      }),
    all: () => [...items.values()].map(({ json }) => read(json)),
  };
}
