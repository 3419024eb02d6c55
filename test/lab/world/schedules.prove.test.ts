import { expect, it } from "vitest";
import { keepsPromises } from "../../support/keeps-promises.ts";

it.each([
  ["a seed that stays", 22, 2_000],
  ["a fresh seed", Math.floor(Math.random() * 2 ** 31), 2_000],
])("keeps every promise in random schedules of %s (%i: %i)", { timeout: 1_800_000 }, async (_, seed, schedules) => {
  expect(await keepsPromises({ seed, schedules })).toBe("every promise kept");
});
