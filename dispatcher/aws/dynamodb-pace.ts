import { admitToPace, block, INITIAL_PACE, type PaceState, paceState, type Slot, slowDown } from "../core/pace.ts";
import { ThrottledError } from "../errors.ts";
import type { Pace } from "../ports.ts";
import type { SignedFetch } from "./transport/signed-fetch.ts";
import { createVersionedCell, type Sleep } from "./versioned-cell.ts";

/** The pace of RunMicrovm, shared by all workers through the item `pace` of the jobs table. */
export function createDynamodbPace(fetch: SignedFetch, tableName: string, sleep?: Sleep): Pace {
  const cell = createVersionedCell<PaceState>({
    fetch,
    tableName,
    id: "pace",
    schema: paceState,
    initial: INITIAL_PACE,
    sleep,
  });
  return {
    async admit(now, slot, pastHold = false) {
      let given: Slot | undefined;
      await cell.update((state) => {
        if (state.paused !== undefined) throw new ThrottledError("launches are paused", { reason: "paused" });
        const admitted = admitToPace(state, { nowMs: now.getTime(), slot, pastHold });
        given = admitted.slot;
        return admitted.state;
      });
      return given;
    },
    async markHeld(held) {
      await cell.update((state) => (state.held === held ? state : { ...state, held }));
    },
    async slowDown(now, epoch) {
      await cell.update((state) => slowDown(state, now.getTime(), epoch));
    },
    async block(until, blockedFor) {
      // Within what is blocked already there is nothing to write, however many workers say so.
      await cell.update((state) =>
        state.blockedUntil >= until.getTime() ? state : block(state, until.getTime(), blockedFor),
      );
    },
  };
}
