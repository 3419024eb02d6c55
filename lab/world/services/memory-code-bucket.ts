import type { CodeBucket } from "../../../dispatcher/ports.ts";
import { createFaultPlan, type Faulty } from "./fault-plan.ts";

export interface MemoryCodeBucket extends CodeBucket, Faulty<"get" | "put"> {
  /** As whoever builds an image reads it. */
  peek(key: string): Uint8Array | undefined;
  remove(key: string): void;
  keys(): string[];
}

/** The bucket of build contexts in memory. */
export function createMemoryCodeBucket(): MemoryCodeBucket {
  const { run, ...faulty } = createFaultPlan<"get" | "put">();
  const objects = new Map<string, Uint8Array>();
  return {
    ...faulty,
    get: (key) => run("get", () => objects.get(key)),
    put: (key, bytes) => run("put", () => void objects.set(key, bytes)),
    peek: (key) => objects.get(key),
    remove: (key) => void objects.delete(key),
    keys: () => [...objects.keys()],
  };
}
