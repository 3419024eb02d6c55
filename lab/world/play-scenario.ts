import type { FaultSource, PlannedFault } from "./call-gate.ts";
import { inspect } from "./invariants.ts";
import type { Scenario } from "./scenarios.ts";
import type { Story } from "./story.ts";
import { createWorld, type World } from "./world.ts";

/** Longer than GitHub keeps a job queued. */
const HOURS = 30;

/** Plays a scenario, with more that goes wrong in it if wanted, and returns its broken promises. */
export async function playScenario(
  scenario: Scenario | Story,
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
  const check = begin(scenario, world);
  await world.time.run(scenario.hours ?? HOURS);
  return { world, violations: [...inspector.violations(), ...check()] };
}

function firstOf(sources: readonly FaultSource[]): FaultSource {
  return (call, now) => {
    let planned: PlannedFault | undefined;
    for (const source of sources) planned ??= source(call, now);
    return planned;
  };
}

function begin(scenario: Scenario | Story, world: World): () => string[] {
  if ("tell" in scenario) return scenario.tell(world);
  scenario.play(world);
  return () => [];
}
