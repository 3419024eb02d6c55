import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { TypeName } from "./find-schema.ts";

/** The types that a root module, and the modules that `terraform init` found for it, name. */
export async function namedTypes(dir: string): Promise<TypeName[]> {
  const folders = await moduleFolders(dir);
  const found = (await Promise.all(folders.map(typesIn))).flat();
  return [...new Map(found.map((each) => [`${each.kind} ${each.type}`, each])).values()];
}

async function moduleFolders(dir: string): Promise<string[]> {
  const text = await readFile(join(dir, ".terraform/modules/modules.json"), "utf8").catch(() => '{"Modules":[]}');
  // Terraform's own manifest: each module's folder, relative to where Terraform runs.
  const { Modules } = JSON.parse(text) as { Modules: { Dir: string }[] };
  return [...new Set([resolve(dir), ...Modules.map(({ Dir }) => resolve(dir, Dir))])];
}

async function typesIn(folder: string): Promise<TypeName[]> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => /\.tf(\.json)?$/.test(name));
  const types = files.map(async (name) => {
    const text = await readFile(join(folder, name), "utf8");
    return name.endsWith(".json") ? fromJson(text) : fromHcl(text);
  });
  return (await Promise.all(types)).flat();
}

function fromHcl(text: string): TypeName[] {
  return [...text.matchAll(/^\s*(resource|data)\s+"?(\w+)"?\s+"?[\w-]+"?\s*\{/gm)].map(([, block, type = ""]) => ({
    kind: block === "data" ? "data" : "resource",
    type,
  }));
}

function fromJson(text: string): TypeName[] {
  try {
    return typesOf(JSON.parse(text));
  } catch {
    // Terraform says where the fault is.
    return [];
  }
}

function typesOf(file: unknown): TypeName[] {
  return (["resource", "data"] as const).flatMap((kind) =>
    objects(property(file, kind)).flatMap((block) => Object.keys(block).map((type) => ({ kind, type }))),
  );
}

function property(value: unknown, name: string): unknown {
  return objects(value).find((each) => name in each)?.[name];
}

/** An object, or those of a list: JSON syntax takes either. */
function objects(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap(objects);
  return typeof value === "object" && value !== null ? [Object.fromEntries(Object.entries(value))] : [];
}
