/**
 * `npx projen upgrade-runner`: writes the newest releases of what the image downloads into runner.json, each with the SHA-256
 * that its project publishes. Writes all of them or nothing. `GITHUB_API_URL` and `GITHUB_TOKEN` are read where they are set.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readRelease } from "./read-release.ts";
import { type Downloads, TOOLS, type ToolName, upgradeDownloads } from "./upgrade-downloads.ts";

const { values } = parseArgs({
  options: { file: { type: "string", default: fileURLToPath(new URL("../runner.json", import.meta.url)) } },
});
const access = {
  apiUrl: process.env.GITHUB_API_URL || "https://api.github.com",
  token: process.env.GITHUB_TOKEN || undefined,
};

async function main(): Promise<void> {
  const text = await readFile(values.file, "utf8");
  // Written by this program and by hand; the compiler checks the file of the project.
  const before = JSON.parse(text) as Downloads;
  const date = new Date().toISOString().slice(0, 10);
  let after = before;
  for (const tool of Object.keys(TOOLS) as ToolName[]) {
    after = upgradeDownloads(after, tool, { ...(await readRelease(TOOLS[tool].repository, access)), date });
    const [from, to] = [before[tool].version, after[tool].version];
    console.log(`${TOOLS[tool].repository}: ${from === to ? `${from} is the newest` : `${from} -> ${to}`}`);
  }
  if (after !== before) await writeFile(values.file, `${JSON.stringify(after, null, 2)}\n`);
}

try {
  await main();
} catch (error: unknown) {
  console.error(`upgrade-runner: ${error instanceof Error ? error.message : error}; nothing was changed`);
  process.exitCode = 1;
}
