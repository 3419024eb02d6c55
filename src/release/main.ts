/**
 * Releases the commit that is checked out: `--dry-run DIR` in a clone, `--version X.Y.Z` in place of the computed one.
 */
import { join } from "node:path";
import { bundleCli } from "../bundle/bundle-cli.ts";
import { PROJECT_ROOT } from "../bundle/project-root.ts";
import { generateModule } from "../generate-module.ts";
import { writeTree } from "../write-tree.ts";
import { bundledPackages } from "./bundled-packages.ts";
import { RELEASE_BRANCH } from "./commit-release.ts";
import { type Git, openGit } from "./git.ts";
import { makeRelease } from "./make-release.ts";
import { readArguments, UsageError, type Wanted } from "./read-arguments.ts";

async function release({ dryRun, version: asked }: Wanted): Promise<void> {
  const here = openGit(PROJECT_ROOT);
  if ((await here.text("status", "--porcelain")) !== "") {
    throw new UsageError("the working tree has changes: a release is made of a commit, so commit or remove them first");
  }
  const git = dryRun === undefined ? here : await cloneTo(here, dryRun);
  const [generated, packages] = [await generateModule(), await bundledPackages()];
  const made = await makeRelease({ git, generated, packages, commands: bundleCli, version: asked });
  if (made === undefined) {
    console.log("nothing to release: no commit since the last release changes what users get");
    return;
  }
  const { version, commit, tree, notes, assets } = made;
  const assetsDir = join(PROJECT_ROOT, "dist/release");
  await writeTree(assetsDir, new Map([...assets, ["notes.md", Buffer.from(`${notes}\n`)]]));
  const bytes = [...tree.values()].reduce((sum, { length }) => sum + length, 0);
  if (dryRun === undefined)
    await git.text("push", "--atomic", "origin", `refs/heads/${RELEASE_BRANCH}`, `refs/tags/v${version}`);
  console.log(`v${version} is ${commit}: ${tree.size} files, ${bytes} bytes; assets and notes are in dist/release`);
}

async function cloneTo(here: Git, folder: string): Promise<Git> {
  await here.text("clone", "--quiet", PROJECT_ROOT, folder);
  return openGit(folder);
}

try {
  await release(readArguments(process.argv.slice(2)));
} catch (error: unknown) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`release-tree: ${error.message}`);
  process.exitCode = 2;
}
