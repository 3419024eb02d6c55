import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT } from "../bundle/project-root.ts";
import type { SmokeReport } from "./smoke-report.ts";

/** The reports of smoke runs that were committed. */
export function readReports(root: string = PROJECT_ROOT): Promise<SmokeReport[]> {
  const files = globSync("docs/evidence/*.json", { cwd: root }).toSorted();
  return Promise.all(files.map(async (file) => JSON.parse(await readFile(join(root, file), "utf8"))));
}
