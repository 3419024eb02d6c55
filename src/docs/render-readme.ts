import { readFile } from "node:fs/promises";
import Handlebars from "handlebars";
import { describeModule } from "./describe-module.ts";

/** The module's README: a template around tables of what its `.tf` files, by name, declare. */
export async function renderReadme(files: ReadonlyMap<string, string>): Promise<string> {
  const source = await readFile(new URL("module-readme.md.hbs", import.meta.url), "utf8");
  const { requirements, resources, inputs, outputs } = await describeModule(files);
  return Handlebars.compile(source, { strict: true, noEscape: true })({
    requirements: table(
      ["Name", "Version"],
      requirements.map(({ name, version }) => [name, version]),
    ),
    resources: table(
      ["Name"],
      resources.map((address) => [codeSpan(address)]),
    ),
    inputs: table(
      ["Name", "Description", "Type", "Default", "Required"],
      inputs.map((input) => [
        codeSpan(input.name),
        input.description,
        codeSpan(input.type),
        input.default === undefined ? "n/a" : codeSpan(input.default),
        input.default === undefined ? "yes" : "no",
      ]),
    ),
    outputs: table(
      ["Name", "Description"],
      outputs.map(({ name, description }) => [codeSpan(name), description]),
    ),
  });
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

/** A cell ends at a bar or a line break, and `<name>` would be taken for a tag. */
function cell(text: string): string {
  const escaped = text.replaceAll("|", "\\|").replace(/\s*\n\s*/g, " ");
  return escaped.startsWith("`") ? escaped : escaped.replace(/<([a-z_]+)>/g, "&lt;$1&gt;");
}

function codeSpan(text: string): string {
  return `\`${text}\``;
}
