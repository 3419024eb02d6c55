import { attribute, block } from "../hcl/build.ts";
import type { Block, Item } from "../hcl/model.ts";
import { printBody } from "../hcl/print.ts";
import type { Input, Output } from "../interface/input.ts";
import { REQUIRED_PROVIDERS, REQUIRED_VERSION } from "../interface/versions.ts";

/** The release of terraform-docs whose tables these are; a test compares with it where it is installed. */
export const TERRAFORM_DOCS_VERSION = "0.24.0";

export interface Tables {
  readonly inputs: readonly Input[];
  readonly outputs: readonly Output[];
  /** What the module's files hold, of which resources and data sources are listed. */
  readonly items: readonly Item[];
}

/**
 * What `terraform-docs markdown table` prints of the module between its markers, by `.terraform-docs.yml` at the root.
 */
export function printTables({ inputs, outputs, items }: Tables): string {
  const found = items.flatMap((item) => (item.kind === "block" ? [resourceOf(item)] : [])).filter(isGiven);
  const providers = Object.entries(REQUIRED_PROVIDERS);
  const used = providers.filter(([name]) => found.some(({ provider }) => provider === name));
  const versionRow = (kind: string) => {
    return ([name, version]: readonly [string, string]) => [nameCell(kind, name), version];
  };
  const constraints = (all: typeof providers) => all.map(([name, { version }]) => [name, version] as const);
  return [
    table(
      "Requirements",
      ["Name", "Version"],
      [...[["terraform", REQUIRED_VERSION] as const, ...constraints(providers)].map(versionRow("requirement"))],
    ),
    table("Providers", ["Name", "Version"], constraints(used).map(versionRow("provider"))),
    "## Modules\n\nNo modules.",
    table(
      "Resources",
      ["Name", "Type"],
      [
        ...resourceRows(found, "resource", "resources", "resource"),
        ...resourceRows(found, "data", "data-sources", "data source"),
      ],
    ),
    table("Inputs", ["Name", "Description", "Type", "Default", "Required"], requiredFirst(inputs).map(inputRow)),
    table(
      "Outputs",
      ["Name", "Description"],
      byName(outputs).map(({ name, description }) => [nameCell("output", name), prose(description)]),
    ),
  ].join("\n\n");
}

function table(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = columns.map((column) => (column === "Required" ? ":------:" : "-".repeat(column.length)));
  return [`## ${title}\n`, ...[columns, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`)].join("\n");
}

function nameCell(kind: string, name: string): string {
  return `<a name="${kind}_${name}"></a> [${escapeUnderscores(name)}](#${escapeUnderscores(`${kind}_${name}`)})`;
}

interface Found {
  readonly kind: string;
  readonly provider: string;
  /** Type without the provider's name. */
  readonly type: string;
  readonly name: string;
}

function resourceOf({ type: kind, labels: [type = "", name = ""] }: Block): Found | undefined {
  if (kind !== "resource" && kind !== "data") return undefined;
  const [provider = "", ...rest] = type.split("_");
  return { kind, provider, type: rest.join("_"), name };
}

function isGiven(found: Found | undefined): found is Found {
  return found !== undefined;
}

function resourceRows(all: readonly Found[], kind: string, folder: string, label: string): string[][] {
  const sources = new Map<string, string>(
    Object.entries(REQUIRED_PROVIDERS).map(([name, { source }]) => [name, source]),
  );
  const addressed = all
    .filter((found) => found.kind === kind)
    .map(({ provider, type, name }) => ({ provider, type, name: `${provider}_${type}.${name}` }));
  return byName(addressed).map(({ provider, type, name }) => [
    `[${name}](https://registry.terraform.io/providers/${sources.get(provider)}/latest/docs/${folder}/${type})`,
    label,
  ]);
}

function inputRow({ name, description, type, default: value }: Input): string[] {
  const declared = printBody([block("variable", [name], [attribute("type", type)])]);
  const typeText = declared.slice(declared.indexOf("= ") + 2, declared.lastIndexOf("\n}"));
  return [
    nameCell("input", name),
    prose(description),
    code(typeText),
    value === undefined ? "n/a" : code(JSON.stringify(value, null, 2)),
    value === undefined ? "yes" : "no",
  ];
}

/** Several lines stand in `<pre>`, one line between backticks. */
function code(text: string): string {
  return text.includes("\n") ? `<pre>${text.replaceAll("\n", "<br/>")}</pre>` : `\`${escapePipes(text)}\``;
}

/** A description as it stands in a cell. What terraform-docs treats in a way of its own, ours do not have. */
function prose(description: string): string {
  if (/[\n*]|:\/\/|(^|\s)_+\w|```/.test(description)) {
    throw new Error(
      `${JSON.stringify(description)}: only names, code and sentences are known to print as terraform-docs does`,
    );
  }
  const parts = escapePipes(description).split("`");
  return parts.map((part, position) => (position % 2 === 0 ? escapeUnderscores(part) : part)).join("`");
}

function escapePipes(text: string): string {
  return text.replaceAll("|", "\\|");
}

function escapeUnderscores(text: string): string {
  return text.replaceAll("_", "\\_");
}

function byName<Named extends { readonly name: string }>(all: readonly Named[]): Named[] {
  return all.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function requiredFirst(inputs: readonly Input[]): Input[] {
  return byName(inputs).toSorted((a, b) => Number(a.default !== undefined) - Number(b.default !== undefined));
}
