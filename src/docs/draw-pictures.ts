/**
 * `npx projen pictures`: draws the pictures of the documents that say nothing measured. They are looked at before a
 * commit.
 */
import { join } from "node:path";
import { PROJECT_ROOT } from "../bundle/project-root.ts";
import { writeFileIfChanged } from "../write-tree.ts";
import { drawArchitecture } from "./draw-architecture.ts";

const PICTURES = { "docs/architecture.svg": drawArchitecture };

for (const [path, draw] of Object.entries(PICTURES)) {
  const changed = await writeFileIfChanged(join(PROJECT_ROOT, path), draw());
  console.log(`${path} ${changed ? "is drawn anew" : "is as it was"}`);
}
