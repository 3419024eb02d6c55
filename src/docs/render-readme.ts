import { readFile } from "node:fs/promises";
import Handlebars from "handlebars";
import { constraintFor, DOCUMENTED_VERSION, MODULE_SOURCE } from "../../contract/module-source.ts";
import type { Item } from "../hcl/model.ts";
import { INPUT_SECTIONS } from "../interface/inputs.ts";
import { OUTPUT_SECTIONS } from "../interface/outputs.ts";
import { printTables } from "./print-tables.ts";

/** The module's README: a template around the tables of its interface, and of what its files hold. */
export async function renderReadme(items: readonly Item[]): Promise<string> {
  const source = await readFile(new URL("module-readme.md.hbs", import.meta.url), "utf8");
  return Handlebars.compile(source, { strict: true, noEscape: true })({
    tables: printTables({
      inputs: INPUT_SECTIONS.flatMap(({ entries }) => entries),
      outputs: OUTPUT_SECTIONS.flatMap(({ entries }) => entries),
      items,
    }),
    source: MODULE_SOURCE,
    version: constraintFor(DOCUMENTED_VERSION),
  });
}
