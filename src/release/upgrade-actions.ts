/**
 * Writes the newest commits of the actions, within their majors, into actions.json and the workflows that users copy;
 * `npx projen` then writes this repository's own. `GITHUB_API_URL` and `GITHUB_TOKEN` are read where they are set.
 */
import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PROJECT_ROOT } from "../bundle/project-root.ts";
import { writeFileIfChanged } from "../write-tree.ts";
import { type Pins, upgradePins, writePins } from "./action-pins.ts";

const { values } = parseArgs({ options: { root: { type: "string", default: PROJECT_ROOT } } });
const access = {
  apiUrl: process.env.GITHUB_API_URL || "https://api.github.com",
  token: process.env.GITHUB_TOKEN || undefined,
};
const file = join(values.root, "src/release/actions.json");

async function main(): Promise<void> {
  const before: Pins = JSON.parse(await readFile(file, "utf8"));
  const after = await upgradePins(before, access);
  for (const [action, { version }] of Object.entries(after)) {
    const from = before[action]?.version;
    console.log(`${action}: ${from === version ? `${version} is the newest` : `${from} -> ${version}`}`);
  }
  const lines = Object.entries(after).map(
    ([action, { version, commit }]) => `  "${action}": { "version": "${version}", "commit": "${commit}" }`,
  );
  await writeFileIfChanged(file, `{\n${lines.join(",\n")}\n}\n`);
  for (const example of globSync("examples/workflows/*.yml", { cwd: values.root })) {
    const path = join(values.root, example);
    await writeFileIfChanged(path, writePins(await readFile(path, "utf8"), after));
  }
}

try {
  await main();
} catch (error: unknown) {
  console.error(`upgrade-packages: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
