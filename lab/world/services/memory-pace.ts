import { admitToPace, block, INITIAL_PACE, slowDown } from "../../../dispatcher/core/pace.ts";
import type { Pace } from "../../../dispatcher/ports.ts";
import { createFaultPlan, type Faulty } from "./fault-plan.ts";

export type MemoryPace = Pace & Faulty<"admit" | "markHeld" | "slowDown" | "block">;

/** The pace of RunMicrovm in memory. */
export function createMemoryPace(): MemoryPace {
  const { run, ...faulty } = createFaultPlan<"admit" | "markHeld" | "slowDown" | "block">();
  let state = INITIAL_PACE;
  return {
    ...faulty,
    admit: (now, slot, pastHold = false) =>
      run("admit", () => {
        const admitted = admitToPace(state, { nowMs: now.getTime(), slot, pastHold });
        state = admitted.state;
        return admitted.slot;
      }),
    markHeld: (held) =>
      run("markHeld", () => {
        state = { ...state, held };
      }),
    slowDown: (now, epoch) =>
      run("slowDown", () => {
        state = slowDown(state, now.getTime(), epoch);
      }),
    block: (until, blockedFor) =>
      run("block", () => {
        state = block(state, until.getTime(), blockedFor);
      }),
  };
}
