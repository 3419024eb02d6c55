/**
 * `npx projen soak -- --schedules 20000 --seed N`: plays random schedules until one breaks a promise, and prints it, made as
 * small as it gets, with what happened in it; then, in how many of them each kind of event occurred, and how often in all.
 * `--without "held,app removed"` leaves these kinds out. `--classes 200 --jobs 1000` plays random sets of runner classes instead, with so
 * many jobs each.
 */
import { parseArgs } from "node:util";
import fc from "fast-check";
import { printTable } from "../simulate/print-table.ts";
import { EVENTS, type EventKind } from "./events.ts";
import { play, schedulesWithout, tell } from "./schedules.ts";
import { soakClasses } from "./soak-classes.ts";

const { values } = parseArgs({
  // What stands behind `npx projen soak --` arrives with the two dashes.
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  options: {
    schedules: { type: "string", default: "20000" },
    seed: { type: "string" },
    without: { type: "string" },
    classes: { type: "string" },
    jobs: { type: "string", default: "1000" },
  },
});
const numRuns = wholeNumber("schedules", values.schedules);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : wholeNumber("seed", values.seed);

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new Error(`--${name} must be a whole number, not ${text}`);
  return Number(text);
}

function kindsOf(text: string | undefined): Set<EventKind> {
  const names = text === undefined ? [] : text.split(",").map((name) => name.trim());
  const known = Object.keys(EVENTS) as EventKind[];
  const unknown = names.find((name) => !known.some((kind) => kind === name));
  if (unknown !== undefined) throw new Error(`there is no event ${unknown}; there are ${known.join(", ")}`);
  return new Set(known.filter((kind) => names.includes(kind)));
}

if (values.classes !== undefined) {
  const isKept = await soakClasses(seed, wholeNumber("classes", values.classes), wholeNumber("jobs", values.jobs));
  process.exit(isKept ? 0 : 1);
}
console.log(`seed ${seed}: ${numRuns} schedules`);
const inSchedules = new Map<EventKind, number>();
const inAll = new Map<EventKind, number>();
let played = 0;
let failed = false;
const result = await fc.check(
  fc.asyncProperty(schedulesWithout(kindsOf(values.without)), async (schedule) => {
    const { broken, world } = await play(schedule);
    if (failed) return broken.length === 0;
    if (++played % 1_000 === 0) console.log(`${played} played`);
    for (const kind of world.tally.kinds()) {
      inSchedules.set(kind, (inSchedules.get(kind) ?? 0) + 1);
      inAll.set(kind, (inAll.get(kind) ?? 0) + world.tally.of(kind));
    }
    failed = broken.length > 0;
    return !failed;
  }),
  { numRuns, seed },
);
const rows = Object.keys(EVENTS).map((name) => {
  const kind = name as EventKind;
  const count = inSchedules.get(kind) ?? 0;
  return [kind, `${((100 * count) / Math.max(1, played)).toFixed(1)} %`, String(inAll.get(kind) ?? 0)];
});
console.log(printTable(["Event", ">In schedules", ">In all"], rows));
const [failing] = result.counterexample ?? [];
if (failing) {
  const { broken, world } = await play(failing);
  console.log(tell(failing, broken, world));
  console.log(`seed ${seed} fails after ${result.numRuns} schedules`);
  process.exitCode = 1;
} else {
  console.log(`seed ${seed}: ${result.numRuns} schedules, every promise kept`);
}
