import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

/** Makes a folder hold exactly these files: writes what differs, removes what is not named. Returns the changed paths. */
export async function writeTree(root: string, files: ReadonlyMap<string, string | Uint8Array>): Promise<string[]> {
  await mkdir(root, { recursive: true });
  const changed: string[] = [];
  for (const [path, content] of files) {
    const target = join(root, path);
    const bytes = Buffer.from(content);
    const present = await readFile(target).catch(() => undefined);
    if (present?.equals(bytes)) continue;
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes);
    changed.push(path);
  }
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/");
    if (entry.isDirectory() || files.has(path) || isIgnored(path)) continue;
    await rm(join(root, path));
    changed.push(path);
  }
  return changed;
}

/** What Terraform leaves behind where it was run. */
function isIgnored(path: string): boolean {
  return path.startsWith(".terraform") || path.includes("/.terraform") || path.includes(".tfstate");
}
