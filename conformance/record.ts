import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT } from "../src/bundle/project-root.ts";
import type { ShownStep } from "../src/docs/print-shown.ts";
import type { Result, Step } from "./step.ts";

const FILE = join(PROJECT_ROOT, "conformance/conformance.json");

/** What README says was shown. */
export async function readRecord(): Promise<ShownStep[]> {
  return JSON.parse(await readFile(FILE, "utf8"));
}

/** Puts results into the record, in the order of the steps. */
export async function writeRecord(steps: readonly Step[], results: readonly Result[]): Promise<void> {
  const before = await readRecord();
  const after = steps.flatMap((step): ShownStep[] => {
    const result = results.find(({ name }) => name === step.name);
    const entry = result === undefined ? before.find(({ name }) => name === step.name) : toEntry(step, result);
    return entry === undefined ? [] : [entry];
  });
  await writeFile(FILE, `${JSON.stringify(after, undefined, 2)}\n`);
}

function toEntry({ name, shows }: Step, result: Result): ShownStep {
  const { need, status, tools } = result;
  const figures = result.status === "not available" ? [] : result.outcome.shown;
  return { name, shows, need, status, tools, figures };
}

/**
 * Where what a required step says now is not what README says of it; figures and what the PATH has may differ from run
 * to run.
 */
export function compareRecord(
  record: readonly ShownStep[],
  steps: readonly Step[],
  results: readonly Result[],
): string[] {
  return results.flatMap((result) => {
    if (result.need !== "required" || result.status === "not available") return [];
    const said = record.find(({ name }) => name === result.name);
    const shows = steps.find(({ name }) => name === result.name)?.shows;
    if (said?.status === result.status && said.shows === shows) return [];
    return [`conformance.json says otherwise of ${result.name}: run npx projen conformance -- --record ${result.name}`];
  });
}
