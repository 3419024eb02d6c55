/**
 * `npx tsx lab/world/tell-scenario.ts TEXT`: plays the scenarios with that text in their names and prints what
 * happened.
 */
import { playScenario } from "./play-scenario.ts";
import { SCENARIOS } from "./scenarios.ts";
import { SINGLE_EVENTS } from "./single-events.ts";
import { STORIES } from "./stories.ts";

const [text = ""] = process.argv.slice(2);
for (const scenario of [...SCENARIOS, ...SINGLE_EVENTS, ...STORIES]) {
  if (!scenario.name.includes(text)) continue;
  const { world, violations } = await playScenario(scenario);
  if (text !== "") console.log(world.log.join("\n"));
  const calls = world.gate.calls.length;
  console.log(`${violations.length === 0 ? "kept  " : "BROKEN"} ${scenario.name} (${calls} calls)`);
  for (const violation of violations) console.log(`       ${violation}`);
}
