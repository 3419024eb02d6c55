/** Releases the commit that is checked out: `--dry-run DIR` in a clone, `--version X.Y.Z` in place of the computed one. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PROJECT_ROOT } from "../bundle/project-root.ts";
import { generateModule } from "../generate-module.ts";
import { writeTree } from "../write-tree.ts";
import { bundledPackages } from "./bundled-packages.ts";
import { RELEASE_BRANCH } from "./commit-release.ts";
import { openGit } from "./git.ts";
import { makeRelease } from "./make-release.ts";

const { values } = parseArgs({
  // `npx projen` hands on the dashes that end its own arguments.
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  options: { "dry-run": { type: "string" }, version: { type: "string" } },
});
const dryRun = values["dry-run"];
const here = openGit(PROJECT_ROOT);
if ((await here.text("status", "--porcelain")) !== "") {
  throw new Error("the working tree has changes: a release is made of a commit, so commit or remove them first");
}
const git = dryRun === undefined ? here : await cloneTo(dryRun);
const [generated, packages] = [await generateModule(), await bundledPackages()];
const release = await makeRelease({ git, generated, packages, version: values.version });
if (release === undefined) {
  console.log("nothing to release: no commit since the last release changes what users get");
} else {
  const { version, commit, tree, notes, assets } = release;
  const assetsDir = join(PROJECT_ROOT, "dist/release");
  await writeTree(assetsDir, new Map([...assets, ["notes.md", Buffer.from(`${notes}\n`)]]));
  const bytes = [...tree.values()].reduce((sum, { length }) => sum + length, 0);
  if (dryRun === undefined)
    await git.text("push", "--atomic", "origin", `refs/heads/${RELEASE_BRANCH}`, `refs/tags/v${version}`);
  console.log(`v${version} is ${commit}: ${tree.size} files, ${bytes} bytes; assets and notes are in dist/release`);
}

async function cloneTo(folder: string) {
  const clone = folder === "" ? await mkdtemp(join(tmpdir(), "release-")) : folder;
  await here.text("clone", "--quiet", PROJECT_ROOT, clone);
  return openGit(clone);
}
