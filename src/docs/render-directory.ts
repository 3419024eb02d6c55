import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describeModule } from "./describe-module.ts";
import { DEFAULT_SETTINGS, type DocsSettings, parseSettings } from "./docs-settings.ts";
import { printTables } from "./print-tables.ts";

/** Where terraform-docs looks for its settings, in a module's directory. */
const SETTINGS_FILES = [".terraform-docs.yml", ".terraform-docs.yaml", ".config/.terraform-docs.yml"];

/** The tables of the module in a directory, by the settings that it has there and those given here. */
export async function renderDirectory(directory: string, given: Partial<DocsSettings> = {}): Promise<string> {
  const names = existsSync(directory) ? (await readdir(directory)).filter((name) => /^[^.#].*\.tf$/.test(name)) : [];
  if (names.length === 0) throw new Error(`${directory} holds no .tf file: name the directory of a Terraform module`);
  const settings = { ...(await settingsIn(directory)), ...given };
  const files = await Promise.all(
    names.map(async (name) => [name, await readFile(join(directory, name), "utf8")] as const),
  );
  const lockFile = join(directory, ".terraform.lock.hcl");
  const module = await describeModule(new Map(files), {
    readComments: settings.readComments,
    ...(settings.lockFile && existsSync(lockFile) ? { lockFile: await readFile(lockFile, "utf8") } : {}),
  });
  return printTables(module, settings);
}

async function settingsIn(directory: string): Promise<DocsSettings> {
  const file = SETTINGS_FILES.map((name) => join(directory, name)).find((path) => existsSync(path));
  return file === undefined ? DEFAULT_SETTINGS : parseSettings(await readFile(file, "utf8"));
}
