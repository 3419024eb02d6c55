import type { FaultSource, PlannedFault } from "./call-gate.ts";
import { inspect } from "./invariants.ts";
import type { Scenario } from "./scenarios.ts";
import { createWorld, type World } from "./world.ts";

/** Longer than GitHub keeps a job queued. */
const HOURS = 30;

/** Plays a scenario, with more that goes wrong in it if wanted, and returns its broken promises. */
export async function playScenario(
  scenario: Scenario,
  faults?: FaultSource,
): Promise<{ world: World; violations: string[] }> {
  const { base, options = {}, excused = false } = scenario;
  const sources = [faults, base, options.faults].filter((source) => source !== undefined);
  const world = createWorld({
    seed: 1,
    repositories: ["acme/shop"],
    ...options,
    ...(sources.length === 0 ? {} : { faults: firstOf(sources) }),
  });
  const inspector = inspect(world, { fromLastFault: excused, isUnservable: () => scenario.unservable === true });
  scenario.play(world);
  await world.time.run(scenario.hours ?? HOURS);
  return { world, violations: [...inspector.violations(), ...(scenario.check?.(world) ?? [])] };
}

function firstOf(sources: readonly FaultSource[]): FaultSource {
  return (call, now) => {
    let planned: PlannedFault | undefined;
    for (const source of sources) planned ??= source(call, now);
    return planned;
  };
}
