import fc from "fast-check";
import { play, schedules, tell } from "../../lab/world/schedules.ts";

/** Plays random schedules; says that every promise was kept, or what happened in the smallest that broke one. */
export async function keepsPromises({
  seed,
  schedules: numRuns,
}: {
  seed: number;
  schedules: number;
}): Promise<string> {
  const property = fc.asyncProperty(schedules, async (schedule) => (await play(schedule)).broken.length === 0);
  const { counterexample } = await fc.check(property, { numRuns, seed });
  const [failing] = counterexample ?? [];
  if (failing === undefined) return "every promise kept";
  const { broken, world } = await play(failing);
  return `seed ${seed}\n${tell(failing, broken, world)}`;
}
