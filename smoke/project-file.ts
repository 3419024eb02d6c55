import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT } from "../src/bundle/project-root.ts";

/** A file's text, by its path from the root of the repository. */
export function readProjectFile(path: string): Promise<string> {
  return readFile(join(PROJECT_ROOT, path), "utf8");
}
