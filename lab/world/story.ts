import type { Scenario } from "./scenarios.ts";
import type { World } from "./world.ts";

/** A scenario that promises more than every world does. */
export interface Story extends Omit<Scenario, "play"> {
  /** Plans what happens, and says in the end what of its promises is not so. */
  tell(world: World): () => string[];
}

export const SHOP = "acme/shop";
export const SITE = "acme/site";
export const MINUTE = 60;
export const HOUR = 3_600;
export const DAY = 24 * HOUR;

export const unless = (kept: boolean, sentence: string): string[] => (kept ? [] : [sentence]);
export const launchesOf = (world: World, id: number) =>
  world.microvms.all().filter(({ input }) => input.clientToken.includes(`-${id}-`));
export const logged = (world: World, event: string) => world.log.filter((line) => line.includes(`"event":"${event}"`));
export const atMost = (world: World, id: number, count: number) => {
  const launches = launchesOf(world, id).length;
  return unless(launches <= count, `job ${id} took ${launches} MicroVMs where ${count} may be`);
};
