import { block, INITIAL_PACE, isSlotGood, slowDown, takeSlot } from "../../../dispatcher/core/pace.ts";
import type { Pace } from "../../../dispatcher/ports.ts";
import { createFaultPlan, type Faulty } from "./fault-plan.ts";

export type MemoryPace = Pace & Faulty<"admit" | "slowDown" | "block">;

/** The pace of RunMicrovm in memory. */
export function createMemoryPace(): MemoryPace {
  const { run, ...faulty } = createFaultPlan<"admit" | "slowDown" | "block">();
  let state = INITIAL_PACE;
  return {
    ...faulty,
    admit: (now, slot) =>
      run("admit", () => {
        if (slot && isSlotGood(state, slot, now.getTime())) return slot;
        const taken = takeSlot(state, now.getTime());
        state = taken.state;
        return taken.slot;
      }),
    slowDown: (now, epoch) =>
      run("slowDown", () => {
        state = slowDown(state, now.getTime(), epoch);
      }),
    block: (until) =>
      run("block", () => {
        state = block(state, until.getTime());
      }),
  };
}
