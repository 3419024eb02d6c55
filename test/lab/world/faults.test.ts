import { afterAll, describe, expect, it } from "vitest";
import { RefusedError, ThrottledError } from "../../../dispatcher/errors.ts";
import { type CallFault, type FaultSource, SIMPLE_FAULTS } from "../../../lab/world/call-gate.ts";
import { inspect } from "../../../lab/world/invariants.ts";
import { SCENARIOS, type Scenario } from "../../../lab/world/scenarios.ts";
import { createWorld } from "../../../lab/world/world.ts";

/** Longer than GitHub keeps a job queued. */
const HOURS = 30;

/** What a service can answer besides failing: each of these is told apart by the dispatcher. */
function answersOf(callName: string): CallFault[] {
  if (callName === "microvms.run") {
    const reasons = ["rate", "quota", "capacity", "image"] as const;
    return [...reasons.map((reason) => new ThrottledError("throttled", { reason })), new RefusedError("refused")];
  }
  if (callName.startsWith("github.")) {
    return [new ThrottledError("rate limit", { retryAfterSeconds: 60 }), new RefusedError("refused")];
  }
  return [new ThrottledError("throttled")];
}

function nameOf(fault: CallFault): string {
  return typeof fault === "string" ? fault : `${fault.name} (${fault.message})`;
}

async function play(scenario: Scenario, faults?: FaultSource) {
  const world = createWorld({
    seed: 1,
    repositories: ["acme/shop"],
    ...scenario.options,
    ...(faults ? { faults } : {}),
  });
  const inspector = inspect(world);
  scenario.play(world);
  await world.time.run(HOURS);
  return { world, violations: inspector.violations() };
}

let points = 0;
afterAll(() => console.log(`${points} fault points in ${SCENARIOS.length} scenarios`));

describe.each(SCENARIOS)("$name", (scenario) => {
  it("keeps every promise when nothing fails", async () => {
    const { violations } = await play(scenario);
    expect(violations).toEqual([]);
  });

  it("keeps every promise whichever call fails, and however", async () => {
    const { world: plain } = await play(scenario);
    const broken: string[] = [];
    for (const { index, name } of plain.gate.calls) {
      for (const fault of [...SIMPLE_FAULTS, ...answersOf(name)]) {
        points++;
        const { world, violations } = await play(scenario, (call) => (call.index === index ? fault : undefined));
        const needed = plain.microvms.all().length;
        const launched = world.microvms.all().length;
        if (launched > needed + 1) violations.push(`${launched} MicroVMs launched where ${needed} were needed`);
        for (const violation of violations) broken.push(`call ${index} ${name}: ${nameOf(fault)}: ${violation}`);
        // So many tell enough, and a defect that keeps a world busy for days would keep the test busy for long.
        if (broken.length >= 20) expect(broken).toEqual([]);
      }
    }
    expect(broken).toEqual([]);
  });
});
