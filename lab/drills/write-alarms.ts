/** Writes the part of docs/USAGE.md that the drills tell. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";
import { insertSection } from "../../src/docs/insert-section.ts";
import { writeFileIfChanged } from "../../src/write-tree.ts";
import { printAlarms } from "./print-alarms.ts";

const usage = join(PROJECT_ROOT, "docs/USAGE.md");
await writeFileIfChanged(usage, insertSection(await readFile(usage, "utf8"), "ALARMS", printAlarms()));
