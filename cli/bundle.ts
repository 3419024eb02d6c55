/** `npx projen bundle-cli`: the commands as one file that needs nothing but Node.js 24. */
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleScript } from "../src/bundle/bundle-script.ts";
import { PROJECT_ROOT } from "../src/bundle/project-root.ts";

const FILE = join(PROJECT_ROOT, "dist/gha-microvm.cjs");

await mkdir(join(PROJECT_ROOT, "dist"), { recursive: true });
await writeFile(FILE, await bundleScript("cli/main.ts"));
await chmod(FILE, 0o755);
