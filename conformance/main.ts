/** `npx projen conformance [STEP...]`: asks tools by others. */
import { parseArgs } from "node:util";
import { compareRecord, readRecord, writeRecord } from "./record.ts";
import { countResults, isSound, runSteps } from "./run-steps.ts";
import type { Result } from "./step.ts";
import { STEPS } from "./steps/steps.ts";
import { provideTools } from "./tools/provide-tools.ts";

const { positionals, values } = parseArgs({
  // `projen conformance -- ...` hands the separator on.
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  allowPositionals: true,
  options: { record: { type: "boolean", default: false } },
});
const unknown = positionals.filter((name) => !STEPS.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(`no step ${unknown.join(", ")}; there are ${STEPS.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
// What a step began is ended when this process exits.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
const isCi = (process.env.CI ?? "") !== "";
const chosen = STEPS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const results = await runSteps(chosen, provideTools(), values.record, tell);
const differing = compareRecord(await readRecord(), STEPS, results);
for (const each of differing) console.log(each);
console.log(countResults(results));
process.exitCode = isSound(results, isCi) && differing.length === 0 ? 0 : 1;

async function tell(result: Result): Promise<void> {
  // At once: whoever ends a long run keeps what it has shown.
  if (values.record) await writeRecord(STEPS, [result]);
  if (result.status === "not available") {
    const word = result.need === "required" ? (isCi ? "MISSING" : "warning") : "left out";
    console.log(`${word} ${result.name}: not available: ${result.why}`);
    return;
  }
  console.log(`${result.status} ${result.name} (${result.tools.join("; ")}; ${result.seconds} s)`);
  for (const sentence of result.outcome.shown) console.log(`  ${sentence}`);
  for (const finding of result.outcome.findings) console.log(`  FINDING ${finding.replaceAll("\n", "\n  ")}`);
}
