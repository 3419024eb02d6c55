import type { AwsError } from "../aws-error.ts";

/** An error to answer with, or the effect without the answer. */
export type Fault = AwsError | "timeout-after-effect";

export interface Faults {
  failNext(operation: string, fault: Fault, times?: number): void;
  /** Takes the next fault of an operation. */
  take(operation: string): Fault | undefined;
}

/** Faults that tests put in the way of coming calls. */
export function createFaults(): Faults {
  const queues = new Map<string, Fault[]>();
  return {
    failNext(operation, fault, times = 1) {
      const queue = queues.get(operation) ?? [];
      queue.push(...Array.from({ length: times }, () => fault));
      queues.set(operation, queue);
    },
    take: (operation) => queues.get(operation)?.shift(),
  };
}
