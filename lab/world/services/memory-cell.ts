import type { Cell } from "../../../dispatcher/ports.ts";
import { createFaultPlan, type Faulty } from "./fault-plan.ts";

export interface MemoryCell<T> extends Cell<T>, Faulty<"read" | "update"> {
  now(): T;
}

/** One small value of the jobs table, in memory. */
export function createMemoryCell<T>(initial: T): MemoryCell<T> {
  const { run, ...faulty } = createFaultPlan<"read" | "update">();
  let value = initial;
  return {
    ...faulty,
    now: () => value,
    read: () => run("read", () => value),
    update: (change) =>
      run("update", () => {
        const next = change(value);
        // Through JSON, as in the table.
        if (next !== value) value = JSON.parse(JSON.stringify(next)) as T;
        return value;
      }),
  };
}
