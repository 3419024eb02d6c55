import * as fc from "fast-check";
import { expect } from "vitest";

/**
 * Of this process's own time, however busy the machine: far above what any input takes, and passed by what grows with
 * its square.
 */
const MAX_MS = 5_000;
/** The same inputs in every run: a failure is seen again, and comes from a change of the code. */
const SEED = 20_260_101;

interface Runs {
  parser: string;
  inputs: number;
  longestMs: number;
}

const all: Runs[] = [];

/** Gives `check` so many inputs, one after the other, and counts them; each must be done within bounded time. */
export async function fuzz<T>(
  parser: string,
  inputs: number,
  arbitrary: fc.Arbitrary<T>,
  check: (input: T) => Promise<void> | void,
): Promise<void> {
  const runs: Runs = { parser, inputs: 0, longestMs: 0 };
  all.push(runs);
  const property = fc.asyncProperty(arbitrary, async (input) => {
    const before = process.cpuUsage();
    await check(input);
    runs.inputs += 1;
    const { user, system } = process.cpuUsage(before);
    runs.longestMs = Math.max(runs.longestMs, (user + system) / 1_000);
  });
  await fc.assert(property, { numRuns: inputs, seed: SEED });
  expect(runs.inputs).toBe(inputs);
  expect(runs.longestMs).toBeLessThan(MAX_MS);
}

/** How many inputs each parser was given, as a table. */
export function printRuns(): string {
  const width = Math.max(...all.map(({ parser }) => parser.length), "total".length);
  const line = (name: string, inputs: number, rest = "") =>
    `${name.padEnd(width)}  ${String(inputs).padStart(7)} inputs${rest}`;
  const total = all.reduce((sum, { inputs }) => sum + inputs, 0);
  return [
    ...all.map(({ parser, inputs, longestMs }) => line(parser, inputs, `  longest ${longestMs.toFixed(1)} ms`)),
    line("total", total),
  ].join("\n");
}
