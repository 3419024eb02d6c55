import { parse } from "@cdktf/hcl2json";

export interface DescribedInput {
  readonly name: string;
  readonly description: string;
  readonly type: string;
  /** HCL, or undefined when the input is required. */
  readonly default: string | undefined;
}

export interface ModuleDescription {
  readonly requirements: readonly { readonly name: string; readonly version: string }[];
  readonly resources: readonly string[];
  readonly inputs: readonly DescribedInput[];
  readonly outputs: readonly { readonly name: string; readonly description: string }[];
}

interface Parsed {
  terraform?: { required_version?: string; required_providers?: Record<string, { version: string }>[] }[];
  resource?: Record<string, Record<string, unknown>>;
  variable?: Record<string, { type?: string; description?: string; default?: unknown }[]>;
  output?: Record<string, { description?: string }[]>;
}

/** What a module's `.tf` files, by name, say of its interface: each list sorted by name, required inputs first. */
export async function describeModule(files: ReadonlyMap<string, string>): Promise<ModuleDescription> {
  const parsed: Parsed[] = await Promise.all([...files].map(([name, text]) => parse(name, text)));
  const terraform = parsed.flatMap((file) => file.terraform ?? []);
  const inputs = parsed.flatMap(({ variable = {} }) =>
    Object.entries(variable).map(
      ([name, [body = {}]]): DescribedInput => ({
        name,
        description: body.description ?? "",
        type: unwrap(body.type ?? "any").replace(/\s+/g, " "),
        default: body.default === undefined ? undefined : JSON.stringify(body.default),
      }),
    ),
  );
  return {
    requirements: [
      ...terraform.flatMap(({ required_version: version }) => (version ? [{ name: "terraform", version }] : [])),
      ...terraform
        .flatMap(({ required_providers: providers = [] }) => providers)
        .flatMap((providers) => Object.entries(providers).map(([name, { version }]) => ({ name, version })))
        .sort(byName),
    ],
    resources: parsed
      .flatMap(({ resource = {} }) =>
        Object.entries(resource).flatMap(([type, names]) => Object.keys(names).map((name) => `${type}.${name}`)),
      )
      .sort(),
    inputs: [
      ...inputs.filter((input) => input.default === undefined).sort(byName),
      ...inputs.filter((input) => input.default !== undefined).sort(byName),
    ],
    outputs: parsed
      .flatMap(({ output = {} }) =>
        Object.entries(output).map(([name, [body = {}]]) => ({ name, description: body.description ?? "" })),
      )
      .sort(byName),
  };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

/** hcl2json gives an expression that is no plain value as `${...}`. */
function unwrap(text: string): string {
  return text.startsWith("${") && text.endsWith("}") ? text.slice(2, -1) : text;
}
