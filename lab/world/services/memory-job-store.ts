import type { JobRecord } from "../../../dispatcher/core/job.ts";
import type { Clock, JobStore } from "../../../dispatcher/ports.ts";
import { createFaultPlan, type Faulty } from "./fault-plan.ts";

export interface MemoryJobStore extends JobStore, Faulty<"get" | "put"> {
  /** Copies of all records, in the order of their first write. */
  all(): JobRecord[];
}

/** The jobs table in memory; with a clock it drops a record whose time to live is over, and tells. */
export function createMemoryJobStore(clock?: Clock, onExpired: (jobId: number) => void = () => {}): MemoryJobStore {
  const { run, ...faulty } = createFaultPlan<"get" | "put">();
  const items = new Map<number, { version: number; expiresAt: number; json: string }>();
  const read = (json: string): JobRecord => JSON.parse(json) as JobRecord;
  const itemOf = (jobId: number) => {
    const item = items.get(jobId);
    if (item === undefined || clock === undefined || item.expiresAt * 1_000 > clock.now().getTime()) return item;
    items.delete(jobId);
    onExpired(jobId);
    return undefined;
  };
  return {
    ...faulty,
    get: (jobId) =>
      run("get", () => {
        const item = itemOf(jobId);
        return item && read(item.json);
      }),
    put: (record) =>
      run("put", () => {
        const before = itemOf(record.jobId)?.version ?? 0;
        if (before !== record.version - 1) return false;
        const { version, expiresAt } = record;
        items.set(record.jobId, { version, expiresAt, json: JSON.stringify(record) });
        return true;
      }),
    all: () => [...items.values()].map(({ json }) => read(json)),
  };
}
