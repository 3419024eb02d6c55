import { expect, it } from "vitest";
import { playScenario } from "../../../lab/world/play-scenario.ts";
import { STORIES } from "../../../lab/world/stories.ts";

it.each(STORIES)("$name", { timeout: 600_000 }, async (story) => {
  const { violations } = await playScenario(story);
  expect(violations).toEqual([]);
});
