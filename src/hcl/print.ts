import { alignedLines, commentLines, indent } from "./layout.ts";
import type { Attribute, Block, Body, Item } from "./model.ts";
import { assertIdentifier } from "./print-expression.ts";

/** A line is no longer than this, unless a string in it is. */
const WIDTH = 120;

/** The text of a file: exactly what `terraform fmt` leaves alone. */
export function printBody(body: Body): string {
  return bodyLines(body, WIDTH)
    .map((line) => `${line}\n`)
    .join("");
}

function bodyLines(body: Body, width: number): string[] {
  const lines: string[] = [];
  let previous: Item | undefined;
  let run: Attribute[] = [];
  const flush = () => {
    lines.push(...attributeLines(run, width));
    run = [];
  };
  for (const item of body) {
    if (needsBlankBefore(item, previous)) {
      flush();
      lines.push("");
    }
    if (item.kind === "attribute") run.push(item);
    else {
      flush();
      if (item.kind === "block") lines.push(...blockLines(item, width));
      if (item.kind === "comment") lines.push(...commentLines(item.text));
    }
    previous = item;
  }
  flush();
  return lines;
}

/** Blocks stand apart from their neighbours; a comment belongs to what follows it. */
function needsBlankBefore(item: Item, previous: Item | undefined): boolean {
  if (previous === undefined) return false;
  if (item.kind === "blank") return previous.kind !== "blank";
  if (previous.kind === "blank" || previous.kind === "comment") return false;
  if (previous.kind === "block") return true;
  return item.kind === "block";
}

function blockLines({ type, labels, body }: Block, width: number): string[] {
  assertIdentifier(type, "block type");
  const header = [type, ...labels.map(labelText)].join(" ");
  const lines = bodyLines(body, width - 2);
  if (lines.length === 0) return [`${header} {}`];
  return [`${header} {`, ...indent(lines), "}"];
}

/**
 * Terraform reads a label as plain text, and `terraform fmt` changes or drops one that holds an escape or a template.
 */
function labelText(label: string): string {
  if (!/^[ -~]*$/.test(label) || /[$%"\\]/.test(label)) {
    throw new Error(
      `block label ${JSON.stringify(label)} must be printable ASCII without $, %, quotes and backslashes`,
    );
  }
  return `"${label}"`;
}

function attributeLines(attributes: readonly Attribute[], width: number): string[] {
  for (const { name } of attributes) assertIdentifier(name, "attribute name");
  return alignedLines(
    attributes.map(({ name, value }) => ({ left: name, value })),
    width,
  );
}
