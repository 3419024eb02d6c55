/**
 * What a module's files say of its interface, as terraform-docs reads them: every `.tf` file by itself, nothing evaluated
 * but constants. Later files override earlier ones, `override.tf` and `*_override.tf` come last.
 */
import { parse } from "@cdktf/hcl2json";
import { constantValue, type Json, plainText, sourceText } from "./constant-value.ts";
import { type Block, findBlocks } from "./find-blocks.ts";

/** Where something was declared: the order of the files when nothing else is asked for. */
interface Declared {
  readonly file: string;
  readonly line: number;
}

export interface DescribedInput extends Declared {
  readonly name: string;
  readonly description: string;
  readonly type: string;
  /** Undefined when the input is required. */
  readonly default: Json | undefined;
}

export interface DescribedResource {
  readonly mode: "managed" | "data";
  /** `<provider>_<type>.<name>`. */
  readonly spec: string;
  /** Of its documentation in the Registry; undefined for a provider that is not there. */
  readonly url: string | undefined;
}

export interface ModuleDescription {
  /** The comment at the head of `main.tf`, Markdown. */
  readonly header: string;
  readonly requirements: readonly { readonly name: string; readonly version: string }[];
  readonly providers: readonly (Declared & { readonly name: string; readonly version: string })[];
  readonly modules: readonly (Declared & {
    readonly name: string;
    readonly source: string;
    readonly version: string;
  })[];
  readonly resources: readonly DescribedResource[];
  readonly inputs: readonly DescribedInput[];
  readonly outputs: readonly (Declared & { readonly name: string; readonly description: string })[];
}

type Body = Readonly<Record<string, unknown>>;
type Named = Record<string, Body[]>;

interface Parsed {
  terraform?: { required_version?: string; required_providers?: Body[] }[];
  provider?: Named;
  resource?: Record<string, Named>;
  data?: Record<string, Named>;
  module?: Named;
  variable?: Named;
  output?: Named;
}

interface Item extends Declared {
  readonly name: string;
  /** Type of a resource. */
  readonly kind: string;
  readonly body: Body;
  readonly comment: string;
}

export interface DescribeOptions {
  /** Whether comments right above a block stand in for a missing description. */
  readonly readComments: boolean;
  /** Text of `.terraform.lock.hcl`, whose versions then stand for the constraints of providers. */
  readonly lockFile?: string | undefined;
}

/** Describes a module by its `.tf` files, by name; nothing is sorted but the resources. */
export async function describeModule(
  files: ReadonlyMap<string, string>,
  options: DescribeOptions = { readComments: true },
): Promise<ModuleDescription> {
  const names = [...files.keys()].sort((a, b) => Number(isOverride(a)) - Number(isOverride(b)) || compare(a, b));
  const sources = names.map((name) => ({ name, text: files.get(name) ?? "" }));
  const parsed: { name: string; blocks: Block[]; content: Parsed }[] = await Promise.all(
    sources.map(async ({ name, text }) => ({ name, blocks: findBlocks(text), content: await parse(name, text) })),
  );
  const items = (type: keyof Parsed) =>
    parsed.flatMap(({ name, blocks, content }) => itemsOf(name, blocks, content, type));
  const terraform = parsed.flatMap(({ content }) => content.terraform ?? []);
  const required = requiredProviders(
    terraform,
    parsed.flatMap(({ content }) => Object.entries(content.provider ?? {})),
  );
  const locked = await lockedVersions(options.lockFile);
  const managed = items("resource").map((item) => ({ item, provider: providerOf(item) }));
  const data = items("data").map((item) => ({ item, provider: providerOf(item) }));
  const describe = ({ body, comment }: Item) => {
    const own = text(body, "description").replaceAll("\r\n", "\n");
    return own === "" && options.readComments ? comment : own;
  };
  return {
    header: headerOf(files.get("main.tf") ?? ""),
    requirements: [
      ...terraform.flatMap(({ required_version: version }) => (version ? [{ name: "terraform", version }] : [])),
      ...[...required]
        .sort(([a], [b]) => compare(a, b))
        .flatMap(([name, { versions }]) => versions.map((version) => ({ name, version }))),
    ],
    providers: distinct(
      [...managed, ...data].map(({ item: { file, line }, provider }) => ({
        name: provider.alias === "" ? provider.name : `${provider.name}.${provider.alias}`,
        version: locked.get(provider.name) ?? required.get(provider.name)?.versions.join(" ") ?? "",
        file,
        line,
      })),
      "first",
    ),
    modules: distinct(items("module").map(moduleCallOf), "last"),
    resources: [
      ...resourcesOf("managed", managed, required).sort((a, b) => compare(a.spec, b.spec)),
      ...resourcesOf("data", data, required).sort((a, b) => compare(a.spec, b.spec)),
    ],
    inputs: distinct(
      items("variable").map((item) => {
        const { name, body, file, line } = item;
        const value = "default" in body ? constantValue(body.default) : undefined;
        return { name, file, line, description: describe(item), type: typeOf(body, value), default: value };
      }),
      "last",
    ),
    outputs: distinct(
      items("output").map((item) => ({
        name: item.name,
        file: item.file,
        line: item.line,
        description: describe(item),
      })),
      "last",
    ),
  };
}

/** Compares as Go does, by code unit. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isOverride(file: string): boolean {
  return file === "override.tf" || file.endsWith("_override.tf");
}

function itemsOf(file: string, blocks: readonly Block[], content: Parsed, type: keyof Parsed): Item[] {
  const typed: Record<string, Named> =
    type === "resource" || type === "data" ? (content[type] ?? {}) : { "": (content[type] ?? {}) as Named };
  return Object.entries(typed).flatMap(([kind, named]) =>
    Object.entries(named).flatMap(([name, bodies]) =>
      bodies.flatMap((body): Item[] => {
        const block = blocks.find(
          (each) => each.type === type && each.labels.join(".") === (kind === "" ? name : `${kind}.${name}`),
        );
        const comment = block?.comment ?? "";
        return comment.includes("terraform-docs-ignore")
          ? []
          : [{ name, kind, body, file, line: block?.line ?? 0, comment }];
      }),
    ),
  );
}

function text(body: Body, name: string): string {
  const value = body[name];
  return typeof value === "string" ? plainText(value) : "";
}

function distinct<T extends { readonly name: string }>(all: readonly T[], which: "first" | "last"): T[] {
  const byName = new Map<string, T>();
  for (const each of all) if (which === "last" || !byName.has(each.name)) byName.set(each.name, each);
  return [...byName.values()];
}

function typeOf(body: Body, value: Json | undefined): string {
  if (typeof body.type === "string") return sourceText(body.type);
  if (value === undefined || value === null) return "any";
  if (Array.isArray(value)) return "list";
  return typeof value === "object" ? "map" : typeof value === "boolean" ? "bool" : typeof value;
}

function moduleCallOf({ name, file, line, body }: Item): ModuleDescription["modules"][number] {
  const source = text(body, "source");
  const version = text(body, "version");
  const reference = version === "" ? /^(.*)\?ref=(.+)$/s.exec(source) : null;
  return { name, file, line, source: reference?.[1] ?? source, version: reference?.[2] ?? version };
}

interface Required {
  source: string;
  versions: string[];
}

function requiredProviders(
  terraform: NonNullable<Parsed["terraform"]>,
  configured: readonly (readonly [string, readonly Body[]])[],
): Map<string, Required> {
  const required = new Map<string, Required>();
  const add = (name: string, source: string, version: string) => {
    const entry = required.get(name) ?? { source: "", versions: [] };
    required.set(name, {
      source: source === "" ? entry.source : source,
      versions: version === "" ? entry.versions : [...entry.versions, version],
    });
  };
  for (const providers of terraform.flatMap(({ required_providers: blocks }) => blocks ?? [])) {
    for (const [name, value] of Object.entries(providers)) {
      if (typeof value === "string") add(name, "", value);
      else if (typeof value === "object" && value !== null) {
        const body: Body = { ...value };
        add(name, text(body, "source"), text(body, "version"));
      }
    }
  }
  for (const [name, bodies] of configured) for (const body of bodies) add(name, "", text(body, "version"));
  return required;
}

async function lockedVersions(lockFile: string | undefined): Promise<Map<string, string>> {
  if (lockFile === undefined) return new Map();
  const { provider = {} }: Parsed = await parse(".terraform.lock.hcl", lockFile);
  return new Map(
    Object.entries(provider).map(([address, [body = {}]]) => [address.split("/").at(-1) ?? "", text(body, "version")]),
  );
}

function providerOf({ kind, body }: Item): { name: string; alias: string } {
  const reference = typeof body.provider === "string" ? sourceText(body.provider) : "";
  const [name = "", alias = ""] = reference.replace(/\[.*$/s, "").split(".");
  return name === "" ? { name: kind.split("_")[0] ?? kind, alias: "" } : { name, alias };
}

function resourcesOf(
  mode: "managed" | "data",
  found: readonly { item: Item; provider: { name: string } }[],
  required: ReadonlyMap<string, Required>,
): DescribedResource[] {
  return found.map(({ item, provider: { name } }) => {
    const type = item.kind.startsWith(`${name}_`) ? item.kind.slice(name.length + 1) : item.kind;
    const known = required.get(name);
    const source = known === undefined || known.source === "" ? `hashicorp/${name}` : known.source;
    const [namespace = "", provider = namespace, ...more] = source.split("/");
    const folder = mode === "managed" ? "resources" : "data-sources";
    const base = `https://registry.terraform.io/providers/${namespace}/${provider}/${exactVersion(known?.versions)}`;
    return {
      mode,
      spec: `${name}_${type}.${item.name}`,
      url: more.length > 0 ? undefined : `${base}/docs/${folder}/${type}`,
    };
  });
}

// A constraint that allows one version only is linked to that version.
function exactVersion(versions: readonly string[] = []): string {
  const parts = (versions.at(-1) ?? "").split(" ");
  const [first = "", second] = parts;
  if (parts.length === 1) return /^\d/.test(first) ? first : first.startsWith("=") ? first.slice(1) : "latest";
  return parts.length === 2 && first === "=" ? (second ?? "latest") : "latest";
}

// A comment in the form `/** ... */` whose lines begin with asterisks, from the first line of the file on.
function headerOf(main: string): string {
  const lines: string[] = [];
  for (const line of main.split("\n")) {
    const trimmed = line.trim();
    if (!/^(\/\*|\*)/.test(trimmed)) break;
    if (trimmed.startsWith("/*") || trimmed.startsWith("*/")) continue;
    lines.push(
      trimmed === "*"
        ? ""
        : line
            .replace(/^ +/, "")
            .replace(/[\r\n]+$/, "")
            .replace(/^\* /, ""),
    );
  }
  return lines.join("\n");
}
