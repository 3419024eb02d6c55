import { expect, it } from "vitest";
import { playScenario } from "../../../lab/world/play-scenario.ts";
import { CHAINS } from "../../../lab/world/stories.ts";

it.each(CHAINS)("leaves no job queued in $name", { timeout: 600_000 }, async (story) => {
  const { violations } = await playScenario(story);
  expect(violations).toEqual([]);
});
