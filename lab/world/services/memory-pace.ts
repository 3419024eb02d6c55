import { admitToPace, block, INITIAL_PACE, type PaceState, slowDown } from "../../../dispatcher/core/pace.ts";
import { ThrottledError } from "../../../dispatcher/errors.ts";
import type { Pace } from "../../../dispatcher/ports.ts";
import { createFaultPlan, type Faulty } from "./fault-plan.ts";

export interface MemoryPace extends Pace, Faulty<"admit" | "markHeld" | "slowDown" | "block"> {
  /** What `gha-microvm pause` and `resume` write. */
  setPaused(paused: PaceState["paused"]): void;
}

/** The pace of RunMicrovm in memory. */
export function createMemoryPace(): MemoryPace {
  const { run, ...faulty } = createFaultPlan<"admit" | "markHeld" | "slowDown" | "block">();
  let state = INITIAL_PACE;
  return {
    ...faulty,
    admit: (now, slot, pastHold = false) =>
      run("admit", () => {
        if (state.paused !== undefined) throw new ThrottledError("launches are paused", { reason: "paused" });
        const admitted = admitToPace(state, { nowMs: now.getTime(), slot, pastHold });
        state = admitted.state;
        return admitted.slot;
      }),
    setPaused(paused) {
      state = { ...state, paused };
    },
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
