import { readFile } from "node:fs/promises";
import Handlebars from "handlebars";
import { constraintFor, DOCUMENTED_VERSION, MODULE_SOURCE } from "../release/module-source.ts";
import { describeModule } from "./describe-module.ts";
import { DEFAULT_SETTINGS } from "./docs-settings.ts";
import { printTables } from "./print-tables.ts";

/** How the module's own README is printed: as `.terraform-docs.yml` at the root of the repository tells terraform-docs to. */
export const README_SETTINGS = { ...DEFAULT_SETTINGS, sortBy: "required", lockFile: false } as const;

/** The module's README: a template around tables of what its `.tf` files, by name, declare. */
export async function renderReadme(files: ReadonlyMap<string, string>): Promise<string> {
  const source = await readFile(new URL("module-readme.md.hbs", import.meta.url), "utf8");
  const tables = printTables(await describeModule(files), README_SETTINGS);
  return Handlebars.compile(source, { strict: true, noEscape: true })({
    tables,
    source: MODULE_SOURCE,
    version: constraintFor(DOCUMENTED_VERSION),
  });
}
