import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parse } from "@cdktf/hcl2json";

/** The generated module. */
export const MODULE_DIR = fileURLToPath(new URL("../../module", import.meta.url));
export { EXAMPLES_DIR } from "../../lab/example-variables.ts";

/** The body of one block, with expressions as `${...}`. */
export type Body = Record<string, unknown>;

export interface ParsedModule {
  variables: Record<string, Body>;
  outputs: Record<string, Body>;
  /** By address, such as `aws_sqs_queue.jobs`. */
  resources: Record<string, Body>;
  /** By address, without the leading `data.`. */
  data: Record<string, Body>;
  /** The bodies of all `terraform` blocks. */
  terraform: Body[];
  /** Every kind of top-level block that occurs. */
  kinds: Set<string>;
  /** The text of all files. */
  text: string;
}

/** Reads the HCL of a module, every file of it. */
export async function parseModule(directory: string): Promise<ParsedModule> {
  const module: ParsedModule = {
    variables: {},
    outputs: {},
    resources: {},
    data: {},
    terraform: [],
    kinds: new Set(),
    text: "",
  };
  const names = (await readdir(directory)).filter((name) => name.endsWith(".tf"));
  for (const name of names) {
    const text = await readFile(`${directory}/${name}`, "utf8");
    const file: Record<string, unknown> = await parse(name, text);
    module.text += text;
    for (const kind of Object.keys(file)) module.kinds.add(kind);
    Object.assign(module.variables, labelled(file.variable));
    Object.assign(module.outputs, labelled(file.output));
    Object.assign(module.resources, twiceLabelled(file.resource));
    Object.assign(module.data, twiceLabelled(file.data));
    module.terraform.push(...bodies(file.terraform));
  }
  return module;
}

function bodies(blocks: unknown): Body[] {
  return Array.isArray(blocks) ? blocks.filter(isBody) : [];
}

function labelled(blocks: unknown): Record<string, Body> {
  const named = Object.entries(isBody(blocks) ? blocks : {}).map(([name, each]) => [name, bodies(each)[0] ?? {}]);
  return Object.fromEntries(named);
}

function twiceLabelled(types: unknown): Record<string, Body> {
  const addressed = Object.entries(isBody(types) ? types : {}).flatMap(([type, blocks]) =>
    Object.entries(labelled(blocks)).map(([name, body]) => [`${type}.${name}`, body]),
  );
  return Object.fromEntries(addressed);
}

function isBody(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An expression without its `${...}` and with single spaces. */
export function expression(value: unknown): string {
  return String(value)
    .replace(/^\$\{([\s\S]*)\}$/, "$1")
    .replace(/\s+/g, " ");
}
