/** Writes everything in the repository that is generated: the awscc bindings, then the module that is built with them. */
import { join } from "node:path";
import { generateBindings } from "./awscc/generate-bindings.ts";
import { PROJECT_ROOT } from "./bundle/project-root.ts";
import { writeTree } from "./write-tree.ts";

await writeTree(join(PROJECT_ROOT, "src/bindings"), await generateBindings());
// Loaded only now, because it imports the bindings.
const { generateModule } = await import("./generate-module.ts");
const changed = await writeTree(join(PROJECT_ROOT, "module"), await generateModule());
process.stdout.write(changed.length === 0 ? "module/ is up to date\n" : `module/: ${changed.join(", ")}\n`);
