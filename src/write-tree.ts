import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

/**
 * Makes a folder hold exactly these files: writes what differs, removes what is not named. Returns the changed paths.
 */
export async function writeTree(root: string, files: ReadonlyMap<string, string | Uint8Array>): Promise<string[]> {
  await mkdir(root, { recursive: true });
  const changed: string[] = [];
  for (const [path, content] of files) {
    if (await writeFileIfChanged(join(root, path), content)) changed.push(path);
  }
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/");
    if (entry.isDirectory() || files.has(path) || isIgnored(path)) continue;
    await rm(join(root, path));
    changed.push(path);
  }
  return changed;
}

/** Writes a file unless it holds just that; returns whether it did. */
export async function writeFileIfChanged(path: string, content: string | Uint8Array): Promise<boolean> {
  const bytes = Buffer.from(content);
  const present = await readFile(path).catch(() => undefined);
  if (present?.equals(bytes)) return false;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
  return true;
}

/** What Terraform leaves behind where it was run. */
function isIgnored(path: string): boolean {
  return path.startsWith(".terraform") || path.includes("/.terraform") || path.includes(".tfstate");
}
