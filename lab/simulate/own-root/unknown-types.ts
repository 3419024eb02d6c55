import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";

const SERVED = "hashicorp/aws, hashicorp/awscc, integrations/github, hashicorp/random and hashicorp/archive";

/** What Terraform said of types and providers that it does not find, in the lab's words: one line for each type. */
export async function unknownTypes(said: string, dir: string): Promise<string[]> {
  // Its boxes break lines where the terminal ends.
  const text = said.replace(/\s*\n[│\s]*/g, " ");
  const types = [...text.matchAll(/does not support (?:resource type|data source) "(\w+)"/g)].map(
    ([, type = ""]) => type,
  );
  const providers = [...text.matchAll(/available (?:versions|packages) for provider (\S+?)[,:]? /g)].map(
    ([, provider = ""]) => provider,
  );
  const ofOthers = providers.length === 0 ? [] : await typesOf(dir, providers);
  const named = [...new Set([...types, ...ofOthers])];
  const strangers = providers.filter((provider) => !named.some((type) => isOf(type, provider)));
  return [
    ...named.map((type) => `the lab does not know the type ${type}`),
    ...[...new Set(strangers)].map((provider) => `the lab does not know the provider ${provider}`),
    ...(named.length + strangers.length > 0 ? [`it knows what the module and its examples use of ${SERVED}`] : []),
  ];
}

function isOf(type: string, provider: string): boolean {
  const [name = ""] = provider.split("/").slice(-1);
  return type === name || type.startsWith(`${name}_`);
}

/** The types of these providers that the root module and the modules it calls name. */
async function typesOf(dir: string, providers: readonly string[]): Promise<string[]> {
  const folders = await moduleFolders(dir);
  const texts = await Promise.all(folders.map(readConfiguration));
  const named = texts
    .join("\n")
    .matchAll(/(?:^\s*(?:resource|data|ephemeral)\s+"(\w+)"\s+"|"(\w+)"\s*:\s*\{\s*"\w+"\s*:\s*[[{])/gm);
  const types = [...named].map(([, block, json]) => block ?? json ?? "");
  return types.filter((type) => providers.some((provider) => isOf(type, provider)));
}

async function moduleFolders(dir: string): Promise<string[]> {
  const text = await readFile(join(dir, ".terraform/modules/modules.json"), "utf8").catch(() => '{"Modules":[]}');
  // Terraform's own manifest: each module's folder, relative to where Terraform runs.
  const { Modules } = JSON.parse(text) as { Modules: { Dir: string }[] };
  return [...new Set([dir, ...Modules.map(({ Dir }) => resolve(dir, Dir))])];
}

async function readConfiguration(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => /\.tf(\.json)?$/.test(name));
  return (await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")))).join("\n");
}
