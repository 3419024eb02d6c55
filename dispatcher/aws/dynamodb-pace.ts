import {
  block,
  INITIAL_PACE,
  isSlotGood,
  type PaceState,
  paceState,
  type Slot,
  slowDown,
  takeSlot,
} from "../core/pace.ts";
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
    async admit(now, slot) {
      let given: Slot | undefined;
      await cell.update((state) => {
        given = slot && isSlotGood(state, slot, now.getTime()) ? slot : undefined;
        if (given !== undefined) return state;
        const taken = takeSlot(state, now.getTime());
        given = taken.slot;
        return taken.state;
      });
      return given ?? { atMs: now.getTime(), epoch: 0 };
    },
    async slowDown(now, epoch) {
      await cell.update((state) => slowDown(state, now.getTime(), epoch));
    },
    async block(until) {
      // Within what is blocked already there is nothing to write, however many workers say so.
      await cell.update((state) => (state.blockedUntil >= until.getTime() ? state : block(state, until.getTime())));
    },
  };
}
