/**
 * `npx projen soak -- --schedules 20000 --seed N`: plays random schedules until one breaks a promise, and prints it, made as
 * small as it gets, with what happened in it.
 */
import { parseArgs } from "node:util";
import fc from "fast-check";
import { play, schedules, tell } from "./schedules.ts";

const { values } = parseArgs({
  // What stands behind `npx projen soak --` arrives with the two dashes.
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  options: { schedules: { type: "string", default: "20000" }, seed: { type: "string" } },
});
const numRuns = wholeNumber("schedules", values.schedules);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : wholeNumber("seed", values.seed);

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new Error(`--${name} must be a whole number, not ${text}`);
  return Number(text);
}

console.log(`seed ${seed}: ${numRuns} schedules`);
let played = 0;
const result = await fc.check(
  fc.asyncProperty(schedules, async (schedule) => {
    if (++played % 1_000 === 0) console.log(`${played} played`);
    return (await play(schedule)).broken.length === 0;
  }),
  { numRuns, seed },
);
const [failing] = result.counterexample ?? [];
if (failing) {
  const { broken, world } = await play(failing);
  console.log(tell(failing, broken, world));
  console.log(`seed ${seed} fails after ${result.numRuns} schedules`);
  process.exitCode = 1;
} else {
  console.log(`seed ${seed}: ${result.numRuns} schedules, every promise kept`);
}
