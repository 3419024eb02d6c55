import fc from "fast-check";
import { expect, it } from "vitest";
import { play, schedules } from "../../../lab/world/schedules.ts";

const RUNS = 1_000;

it(`keeps every promise in ${RUNS} random schedules`, { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(schedules, async (schedule) => {
      const { broken } = await play(schedule);
      expect(broken).toEqual([]);
    }),
    { numRuns: RUNS, endOnFailure: false },
  );
});
