import { existsSync, readdirSync } from "node:fs";
import { parseArgs } from "node:util";

/** What whoever runs it has to mend first. */
export class UsageError extends Error {}

export interface Wanted {
  /** A folder that is not there yet or is empty. */
  readonly dryRun?: string | undefined;
  readonly version?: string | undefined;
}

/** Throws a UsageError of one line. */
export function readArguments(given: readonly string[]): Wanted {
  // `npx projen` hands on the dashes that end its own arguments.
  const args = given.filter((argument) => argument !== "--");
  try {
    const { values } = parseArgs({ args, options: { "dry-run": { type: "string" }, version: { type: "string" } } });
    const dryRun = values["dry-run"];
    if (dryRun === "" || (dryRun !== undefined && existsSync(dryRun) && readdirSync(dryRun).length > 0)) {
      throw new Error(`--dry-run wants a folder that is not there yet or is empty, not "${dryRun}"`);
    }
    return { dryRun, version: values.version };
  } catch (error: unknown) {
    // Both throw nothing but errors; some have lines of advice after the first.
    const [line] = String((error as Error).message).split("\n");
    throw new UsageError(`${line}; use: npx projen release-tree -- --dry-run DIR [--version X.Y.Z]`);
  }
}
