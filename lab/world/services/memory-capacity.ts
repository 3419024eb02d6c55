import type { Capacity } from "../../../dispatcher/ports.ts";
import { createFaultPlan, type Faulty } from "./fault-plan.ts";

export type MemoryCapacity = Capacity & Faulty<"acquire" | "release" | "holders">;

/** The places for MicroVMs in memory. */
export function createMemoryCapacity(): MemoryCapacity {
  const { run, ...faulty } = createFaultPlan<"acquire" | "release" | "holders">();
  const held = new Map<string, string>();
  const heldBy = (repository: string) => [...held.values()].filter((holder) => holder === repository).length;
  return {
    ...faulty,
    acquire: ({ launchId, repository }, { limit, each }) =>
      run("acquire", () => {
        if (limit < 1) return false;
        if (held.size < limit && heldBy(repository) < each) held.set(launchId, repository);
        return held.has(launchId);
      }),
    release: ({ launchId }) => run("release", () => void held.delete(launchId)),
    holders: () => run("holders", () => [...held].map(([launchId, repository]) => ({ launchId, repository }))),
  };
}
