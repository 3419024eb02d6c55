import { afterAll, describe, expect, it } from "vitest";
import { playScenario } from "../../../lab/world/play-scenario.ts";
import { SINGLE_EVENTS } from "../../../lab/world/single-events.ts";
import { tryFaults } from "../../../lab/world/try-faults.ts";

let tried = 0;
afterAll(() => console.log(`${tried} fault points in ${SINGLE_EVENTS.length} scenarios`));

describe.each(SINGLE_EVENTS)("$name", (scenario) => {
  it("keeps every promise when nothing fails", async () => {
    const { violations } = await playScenario(scenario);
    expect(violations).toEqual([]);
  });

  it("keeps every promise whichever call fails, and however", { timeout: 300_000 }, async () => {
    const { points, broken } = await tryFaults(scenario);
    tried += points;
    expect(broken).toEqual([]);
  });
});
