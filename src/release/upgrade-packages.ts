/** Writes the newest versions of the packages into `.projenrc.ts`; `npx projen` then installs them. */
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT } from "../bundle/project-root.ts";
import { writeFileIfChanged } from "../write-tree.ts";
import { upgradeVersions } from "./upgrade-versions.ts";

const { stdout, stderr, status } = spawnSync("npm", ["outdated", "--json"], { cwd: PROJECT_ROOT, encoding: "utf8" });
// One says that there is something to upgrade.
if (status !== 0 && status !== 1) throw new Error(`npm outdated failed: ${stderr}`);
const answer: { error?: { summary?: string } } = JSON.parse(stdout === "" ? "{}" : stdout);
if (answer.error !== undefined) throw new Error(`npm outdated failed: ${answer.error.summary ?? stdout}`);
const path = join(PROJECT_ROOT, ".projenrc.ts");
const upgraded = upgradeVersions(await readFile(path, "utf8"), JSON.parse(stdout === "" ? "{}" : stdout));
const changed = await writeFileIfChanged(path, upgraded);
console.log(changed ? "wrote newer versions to .projenrc.ts" : "every package is the newest of its major");
