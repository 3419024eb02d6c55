/** Releases the commit that is checked out: `--dry-run DIR` in a clone, `--version X.Y.Z` in place of the computed one. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundleCli } from "../bundle/bundle-cli.ts";
import { PROJECT_ROOT } from "../bundle/project-root.ts";
import { generateModule } from "../generate-module.ts";
import { writeTree } from "../write-tree.ts";
import { bundledPackages } from "./bundled-packages.ts";
import { RELEASE_BRANCH } from "./commit-release.ts";
import { type Git, openGit } from "./git.ts";
import { makeRelease } from "./make-release.ts";

/** What whoever runs it has to mend first. */
class UsageError extends Error {}

interface Wanted {
  readonly dryRun?: string;
  readonly version?: string;
}

function readArguments(): Wanted {
  // `npx projen` hands on the dashes that end its own arguments.
  const args = process.argv.slice(2).filter((argument) => argument !== "--");
  try {
    const { values } = parseArgs({ args, options: { "dry-run": { type: "string" }, version: { type: "string" } } });
    const dryRun = values["dry-run"];
    if (dryRun === "" || (dryRun !== undefined && existsSync(dryRun) && readdirSync(dryRun).length > 0)) {
      throw new Error(`--dry-run wants a folder that is not there yet or is empty, not "${dryRun}"`);
    }
    return {
      ...(dryRun === undefined ? {} : { dryRun }),
      ...(values.version === undefined ? {} : { version: values.version }),
    };
  } catch (error: unknown) {
    const [line] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new UsageError(`${line}; use: npx projen release-tree -- --dry-run DIR [--version X.Y.Z]`);
  }
}

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
  await release(readArguments());
} catch (error: unknown) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`release-tree: ${error.message}`);
  process.exitCode = 2;
}
