/**
 * `npx tsx src/docs/render.ts DIRECTORY [--sort-by name|required|type] [--lockfile false]`: prints what terraform-docs would write
 * between its markers into the README of a module, to standard output. A `.terraform-docs.yml` in the directory is followed.
 */
import { parseArgs } from "node:util";
import type { DocsSettings } from "./docs-settings.ts";
import { renderDirectory } from "./render-directory.ts";

const USAGE = "Usage: npx tsx src/docs/render.ts DIRECTORY [--sort-by name|required|type] [--lockfile true|false]";

try {
  const { values, positionals } = parseArgs({
    options: { "sort-by": { type: "string" }, lockfile: { type: "string" } },
    allowPositionals: true,
  });
  const [directory, ...more] = positionals;
  if (directory === undefined || more.length > 0) throw new Error(USAGE);
  const given: Partial<DocsSettings> = {
    ...(values["sort-by"] === undefined ? {} : { sortBy: sortByOf(values["sort-by"]) }),
    ...(values.lockfile === undefined ? {} : { lockFile: values.lockfile !== "false" }),
  };
  process.stdout.write(`${await renderDirectory(directory, given)}\n`);
} catch (error: unknown) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function sortByOf(text: string): DocsSettings["sortBy"] {
  if (text === "name" || text === "required" || text === "type") return text;
  throw new Error(`--sort-by must be name, required or type, not ${text}`);
}
