import { compare, type DescribedInput, type ModuleDescription } from "./describe-module.ts";
import type { DocsSettings } from "./docs-settings.ts";
import { printJson } from "./print-json.ts";
import { sanitizeCell, sanitizeName, sanitizeSection } from "./sanitize-text.ts";

/** What `terraform-docs markdown table` (0.20 and later) prints between its markers for a module. */
export function printTables(module: ModuleDescription, settings: DocsSettings): string {
  const sections: [key: string, text: string][] = [
    ["header", tidy(module.header === "" ? "" : sanitizeSection(module.header, { escaping: settings.escape }))],
    ["requirements", requirementsTable(module, settings)],
    ["providers", providersTable(module, settings)],
    ["modules", modulesTable(module, settings)],
    ["resources", resourcesTable(module, settings)],
    ["inputs", inputsTable(module, settings)],
    ["outputs", outputsTable(module, settings)],
  ];
  const isShown = (key: string) =>
    isListed(key, settings) || (key === "resources" && isListed("data-sources", settings));
  const shown = sections.filter(([key, text]) => text !== "" && isShown(key));
  return shown.map(([, text]) => text).join("\n\n");
}

type Print = (module: ModuleDescription, settings: DocsSettings) => string;

const requirementsTable: Print = ({ requirements }, settings) =>
  printSection({
    title: "Requirements",
    columns: ["Name", "Version"],
    rows: requirements.map(({ name, version }) => [nameCell("requirement", name, settings), version || "n/a"]),
    settings,
  });

const providersTable: Print = ({ providers }, settings) =>
  printSection({
    title: "Providers",
    columns: ["Name", "Version"],
    rows: sorted(providers, settings, byProvider).map(({ name, version }) => [
      nameCell("provider", name, settings),
      version || "n/a",
    ]),
    settings,
  });

const modulesTable: Print = ({ modules }, settings) =>
  printSection({
    title: "Modules",
    columns: ["Name", "Source", "Version"],
    rows: sorted(modules, settings, settings.sortBy === "type" ? by("source") : by("name")).map(
      ({ name, source, version }) => [nameCell("module", name, settings), source, version || "n/a"],
    ),
    settings,
  });

const resourcesTable: Print = (module, settings) =>
  printSection({ title: "Resources", columns: ["Name", "Type"], rows: resourceRows(module, settings), settings });

const inputsTable: Print = ({ inputs }, settings) => {
  const cell = (text: string) => sanitizeCell(text, { escaping: settings.escape, html: settings.html });
  const columns: [title: string, isShown: boolean, print: (input: DescribedInput) => string][] = [
    ["Name", true, (input) => nameCell("input", input.name, settings)],
    ["Description", true, (input) => cell(input.description)],
    ["Type", settings.type, (input) => cell(code(input.type))],
    [
      "Default",
      settings.default,
      (input) => (input.default === undefined ? "n/a" : cell(code(printJson(input.default)))),
    ],
    ["Required", settings.required, (input) => (input.default === undefined ? "yes" : "no")],
  ];
  const shown = columns.filter(([, isShown]) => isShown);
  return printSection({
    title: "Inputs",
    columns: shown.map(([title]) => title),
    rows: sorted(inputs, settings, INPUT_ORDERS[settings.sortBy]).map((input) =>
      shown.map(([, , print]) => print(input)),
    ),
    settings,
  });
};

const outputsTable: Print = ({ outputs }, settings) =>
  printSection({
    title: "Outputs",
    columns: ["Name", "Description"],
    rows: sorted(outputs, settings, by("name")).map(({ name, description }) => [
      nameCell("output", name, settings),
      sanitizeCell(description, { escaping: settings.escape, html: settings.html }),
    ]),
    settings,
  });

function nameCell(prefix: string, name: string, { anchor, escape: escaping }: DocsSettings): string {
  const shown = sanitizeName(name, escaping);
  const target = sanitizeName(`${prefix}_${name}`, escaping);
  return anchor ? `<a name="${prefix}_${name}"></a> [${shown}](#${target})` : shown;
}

function isListed(section: string, { show, hide }: DocsSettings): boolean {
  return show.length > 0 ? show.includes(section) : !hide.includes(section);
}

function resourceRows(module: ModuleDescription, settings: DocsSettings): string[][] {
  const shown = { managed: isListed("resources", settings), data: isListed("data-sources", settings) };
  return module.resources
    .filter(({ mode }) => shown[mode])
    .map(({ mode, spec, url }) => [
      url === undefined ? spec : `[${spec}](${url})`,
      mode === "managed" ? "resource" : "data source",
    ]);
}

interface SectionParts {
  title: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
  settings: DocsSettings;
}

function printSection({ title, columns, rows, settings }: SectionParts): string {
  const heading = `${"#".repeat(settings.indent)} ${title}\n\n`;
  if (rows.length === 0) return settings.hideEmpty ? "" : `${heading}No ${title.toLowerCase()}.`;
  const rule = columns.map((column) => (column === "Required" ? ":------:" : "-".repeat(column.length)));
  return heading + [columns, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function code(text: string): string {
  return text.includes("\n") ? `\n\n\`\`\`\n${text}\n\`\`\`\n` : `\`${text}\``;
}

type Order<T> = (a: T, b: T) => number;

function by<Key extends string>(key: Key): Order<Readonly<Record<Key, string>>> {
  return (a, b) => compare(a[key], b[key]);
}

function byProvider(a: { readonly name: string }, b: { readonly name: string }): number {
  const [first = "", firstAlias = ""] = a.name.split(".");
  const [second = "", secondAlias = ""] = b.name.split(".");
  return compare(first, second) || compare(firstAlias, secondAlias);
}

const INPUT_ORDERS: Readonly<Record<DocsSettings["sortBy"], Order<DescribedInput>>> = {
  name: by("name"),
  required: (a, b) => Number(a.default !== undefined) - Number(b.default !== undefined) || compare(a.name, b.name),
  type: (a, b) => compare(a.type, b.type) || compare(a.name, b.name),
};

function sorted<T extends { readonly file: string; readonly line: number }>(
  items: readonly T[],
  { sort }: DocsSettings,
  order: Order<T>,
): T[] {
  return items.toSorted(sort ? order : (a, b) => compare(a.file, b.file) || a.line - b.line);
}

// Two spaces at the end of a line break it and stay; other spaces there and more than one blank line go.
function tidy(markdown: string): string {
  return markdown
    .split("\n")
    .map((line) => (/[^ ] {2}$/.test(line) ? line : line.replace(/ +$/, "")))
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .replace(/\n{2,}$/, "");
}
