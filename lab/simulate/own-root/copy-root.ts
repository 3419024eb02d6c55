import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, parse, relative, sep } from "node:path";
import { isSource } from "../../terraform/terraform.ts";

export interface RootCopy {
  /** Where Terraform runs. */
  readonly dir: string;
  remove(): Promise<void>;
}

/** Sorts behind other override files, the last of which wins. */
const BACKEND_FILE = "zzz_lab_override.tf";

/**
 * Copies a root module into a folder of its own, below links to everything around it: sources such as `../modules/x`
 * lead where they lead from the original. Its backend, or `cloud` block, becomes a local one.
 */
export async function copyRoot(root: string): Promise<RootCopy> {
  const original = await realpath(root);
  const top = await mkdtemp(join(tmpdir(), "lab-root-"));
  const dir = await surround(original, top);
  await cp(original, dir, {
    recursive: true,
    filter: (path) => isSource(path) && relative(original, path) !== ".git",
  });
  await writeFile(join(dir, BACKEND_FILE), 'terraform {\n  backend "local" {}\n}\n');
  return { dir, remove: () => rm(top, { recursive: true, force: true }) };
}

/** Makes the folders above `original` anew in `top`, each with links to what else is in it. */
async function surround(original: string, top: string): Promise<string> {
  const { root } = parse(original);
  const steps = dirname(original) === original ? [] : relative(root, original).split(sep);
  let [from, to] = [root, top];
  for (const step of steps) {
    // What may not be listed has no neighbour that a configuration could name.
    const others = (await readdir(from).catch(() => [])).filter((name) => name !== step);
    await Promise.all(others.map((name) => symlink(join(from, name), join(to, name))));
    [from, to] = [join(from, step), join(to, step)];
    await mkdir(to);
  }
  return to;
}
