import type { RunnerClassesDocument } from "../../contract/runner-classes.ts";
import { NOBODY_WAITS } from "../../dispatcher/core/fair-places.ts";
import { NO_HOLD } from "../../dispatcher/core/runner-hold.ts";
import type { DispatcherDeps } from "../../dispatcher/flows/deps.ts";
import { remembered } from "../../lab/world/remembered.ts";
import { createMemoryCapacity } from "../../lab/world/services/memory-capacity.ts";
import { createMemoryCell } from "../../lab/world/services/memory-cell.ts";

/** What the dispatcher's flows need for classes of runners, in memory. */
export function classPorts(
  document: RunnerClassesDocument = {},
): Pick<DispatcherDeps, "classes" | "placesOfClass" | "holdOfImage"> {
  return {
    classes: async () => document,
    placesOfClass: remembered(() => ({
      capacity: createMemoryCapacity(),
      placesQueue: createMemoryCell(NOBODY_WAITS),
    })),
    holdOfImage: remembered(() => createMemoryCell(NO_HOLD)),
  };
}
