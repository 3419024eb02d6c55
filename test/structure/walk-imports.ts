import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import ts from "typescript";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";

/** Which files of ours each file imports, types included; paths are relative to the project. */
export type Imports = ReadonlyMap<string, readonly string[]>;

/** Reads the imports of all sources in these folders. */
export function walkImports(folders: readonly string[]): Imports {
  const files = folders.flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: PROJECT_ROOT })).map(posix);
  const known = new Set(files);
  return new Map(
    files.toSorted().map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(join(PROJECT_ROOT, file), "utf8"));
      const relative = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith("."));
      const targets = relative.map((name) => posix(normalize(join(dirname(file), name))));
      return [file, [...new Set(targets)].filter((target) => known.has(target))];
    }),
  );
}

/** Files that import each other, directly or on the way: each group once. */
export function circlesOf(imports: Imports): string[][] {
  const reach = new Map([...imports.keys()].map((file) => [file, reachable(imports, file)]));
  const seen = new Set<string>();
  return [...imports.keys()].flatMap((file) => {
    if (seen.has(file) || !reach.get(file)?.has(file)) return [];
    const group = [...imports.keys()].filter((other) => reach.get(file)?.has(other) && reach.get(other)?.has(file));
    for (const member of group) seen.add(member);
    return [group];
  });
}

function reachable(imports: Imports, start: string): Set<string> {
  const found = new Set<string>();
  const open = [...(imports.get(start) ?? [])];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    open.push(...(imports.get(file) ?? []));
  }
  return found;
}

function posix(path: string): string {
  return path.replaceAll("\\", "/");
}
