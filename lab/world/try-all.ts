/** `npx tsx lab/world/try-all.ts [TEXT]`: tries every fault in every scenario with that text in its name. */
import { SCENARIOS } from "./scenarios.ts";
import { SINGLE_EVENTS } from "./single-events.ts";
import { tryFaults } from "./try-faults.ts";

const [text = ""] = process.argv.slice(2);
let all = 0;
for (const scenario of [...SCENARIOS, ...SINGLE_EVENTS].filter(({ name }) => name.includes(text))) {
  const started = performance.now();
  const { points, broken } = await tryFaults(scenario);
  all += points;
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  console.log(`${broken.length === 0 ? "kept  " : "BROKEN"} ${scenario.name}: ${points} points, ${seconds} s`);
  for (const line of broken.slice(0, 4)) console.log(`       ${line}`);
}
console.log(`${all} fault points`);
