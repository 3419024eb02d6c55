/** Writes the newest versions of the packages into `.projenrc.ts`; `npx projen` then installs them. */
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT } from "../bundle/project-root.ts";
import { writeFileIfChanged } from "../write-tree.ts";
import { readOutdated, upgradeVersions } from "./upgrade-versions.ts";

const outdated = readOutdated(spawnSync("npm", ["outdated", "--json"], { cwd: PROJECT_ROOT, encoding: "utf8" }));
const path = join(PROJECT_ROOT, ".projenrc.ts");
const changed = await writeFileIfChanged(path, upgradeVersions(await readFile(path, "utf8"), outdated));
console.log(changed ? "wrote newer versions to .projenrc.ts" : "every package is the newest of its major");
