/** `npx projen bundle-cli`: the commands as one file that needs nothing but Node.js. */
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleCli, CLI_FILE } from "../src/bundle/bundle-cli.ts";
import { PROJECT_ROOT } from "../src/bundle/project-root.ts";

const FILE = join(PROJECT_ROOT, "dist", CLI_FILE);

await mkdir(join(PROJECT_ROOT, "dist"), { recursive: true });
await writeFile(FILE, await bundleCli());
await chmod(FILE, 0o755);
