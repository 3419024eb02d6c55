import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT } from "./bundle/project-root.ts";

/** The files for `terraform test`, by their path in the module. */
export async function moduleTests(): Promise<Map<string, string>> {
  const source = "src/module-tests";
  const entries = await readdir(join(PROJECT_ROOT, source), { recursive: true });
  const paths = entries.map((path) => path.replaceAll("\\", "/")).filter((path) => path.endsWith(".hcl"));
  const files = paths.sort().map(async (path): Promise<[string, string]> => {
    const text = await readFile(join(PROJECT_ROOT, source, path), "utf8");
    return [`tests/${path}`, `# Copied from ${source}: change that, then run \`npx projen generate\`.\n\n${text}`];
  });
  return new Map(await Promise.all(files));
}
