import type { RunnerClassesDocument } from "../../contract/runner-classes.ts";
import { NOTHING_REFRESHED } from "../core/nothing-refreshed.ts";
import type { RefreshState } from "../core/refresh-state.ts";
import type { RunnerHold } from "../core/runner-hold.ts";
import type { CheckRunnerDeps } from "../flows/check-runner.ts";
import type { Cell } from "../ports.ts";

/** What is asked about the runners of one image, of all of them: the versions of each, and the latest refusal. */
export function ofAllImages(
  classes: () => Promise<RunnerClassesDocument>,
  stateOf: (image: string | undefined) => Pick<Cell<RefreshState>, "read">,
  holdOf: (image: string | undefined) => Pick<Cell<RunnerHold>, "read">,
): Pick<CheckRunnerDeps, "image" | "hold"> {
  const images = async () => [...new Set([undefined, ...Object.values(await classes()).map(({ image }) => image)])];
  return {
    image: {
      async read() {
        const states = await Promise.all((await images()).map((image) => stateOf(image).read()));
        const versions = states.flatMap((state, index) =>
          Object.entries(state.versions).map(([version, known]) => [`${index}/${version}`, known] as const),
        );
        return { ...NOTHING_REFRESHED, versions: Object.fromEntries(versions) };
      },
    },
    hold: {
      async read() {
        const holds = await Promise.all((await images()).map((image) => holdOf(image).read()));
        return holds.reduce((latest, hold) => (hold.refusedMs > latest.refusedMs ? hold : latest));
      },
    },
  };
}
