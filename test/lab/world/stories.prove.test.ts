import { expect, it } from "vitest";
import { playScenario } from "../../../lab/world/play-scenario.ts";
import { STORIES } from "../../../lab/world/stories.ts";
import { UNMENDED_SCENARIOS } from "../../../lab/world/unmended.ts";

const stories = STORIES.filter(({ name }) => !UNMENDED_SCENARIOS.has(name));

it.each(stories)("$name", { timeout: 600_000 }, async (story) => {
  const { violations } = await playScenario(story);
  expect(violations).toEqual([]);
});
