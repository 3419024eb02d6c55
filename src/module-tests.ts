import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT } from "./bundle/project-root.ts";

const SOURCE = "src/module-tests";

/** The files for `terraform test` and `tofu test`, by their path in the module. */
export async function moduleTests(): Promise<Map<string, string>> {
  const names = (await readdir(join(PROJECT_ROOT, SOURCE))).filter((name) => name.endsWith(".tftest.hcl"));
  const files = names.sort().map(async (name): Promise<[string, string]> => {
    const text = await withMocks(await readFile(join(PROJECT_ROOT, SOURCE, name), "utf8"));
    return [`tests/${name}`, `# Copied from ${SOURCE}: change that, then run \`npx projen generate\`.\n\n${text}`];
  });
  return new Map(await Promise.all(files));
}

/** The mocks written into the file that names them: OpenTofu 1.12 knows no `source` in `mock_provider`. */
async function withMocks(text: string): Promise<string> {
  let whole = text;
  for (const [line, provider = ""] of text.matchAll(/^ {2}source = "\.\/tests\/mocks\/(\w+)"$/gm)) {
    const file = join(PROJECT_ROOT, SOURCE, "mocks", provider, "defaults.tfmock.hcl");
    const mocks = (await readFile(file, "utf8")).trimEnd().split("\n");
    whole = whole.replace(line, () => mocks.map((each) => (each === "" ? "" : `  ${each}`)).join("\n"));
  }
  return whole;
}
