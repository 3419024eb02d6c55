import { expect, it } from "vitest";
import { keepsPromises } from "../../support/keeps-promises.ts";

const SCHEDULES = 2_000;

it.each([
  ["a seed that stays", 11],
  ["a fresh seed", Math.floor(Math.random() * 2 ** 31)],
])(`keeps every promise in ${SCHEDULES} random schedules of %s`, { timeout: 1_800_000 }, async (_, seed) => {
  expect(await keepsPromises({ seed, schedules: SCHEDULES })).toBe("every promise kept");
});
