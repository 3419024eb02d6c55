import type { Capacity } from "../../../dispatcher/ports.ts";
import { createFaultPlan, type Faulty } from "./fault-plan.ts";

export type MemoryCapacity = Capacity & Faulty<"acquire" | "release" | "holders">;

/** The places for MicroVMs in memory. */
export function createMemoryCapacity(): MemoryCapacity {
  const { run, ...faulty } = createFaultPlan<"acquire" | "release" | "holders">();
  const held = new Set<string>();
  return {
    ...faulty,
    acquire: (launchId, limit) =>
      run("acquire", () => {
        if (limit >= 1 && held.size < limit) held.add(launchId);
        return held.has(launchId) && limit >= 1;
      }),
    release: (launchId) => run("release", () => void held.delete(launchId)),
    holders: () => run("holders", () => [...held]),
  };
}
