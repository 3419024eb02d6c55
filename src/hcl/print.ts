import { escapeHeredoc, escapeQuoted } from "./escape.ts";
import type { Attribute, Block, Body, Expression, Item, ObjectEntry, Raw } from "./model.ts";

const INDENT = "  ";
/** A list that fits into this many columns after its attribute's name stays on one line. */
const ONE_LINE_COLUMNS = 80;
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/** The text of a file: exactly what `terraform fmt` leaves alone. */
export function printBody(body: Body): string {
  const lines = bodyLines(body);
  return lines.length === 0 ? "" : `${lines.map((line) => line.replace(VERBATIM, "")).join("\n")}\n`;
}

/** The text of one expression, as it stands right of an equals sign. */
export function printExpression(value: Expression): string {
  return expressionLines(value)
    .map((line) => line.replace(VERBATIM, ""))
    .join("\n");
}

function bodyLines(body: Body): string[] {
  const lines: string[] = [];
  let previous: Item | undefined;
  let run: Attribute[] = [];
  const flush = () => {
    lines.push(...attributeLines(run));
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
      if (item.kind === "block") lines.push(...blockLines(item));
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

function blockLines({ type, labels, body }: Block): string[] {
  assertIdentifier(type, "block type");
  const header = [type, ...labels.map(labelText)].join(" ");
  const lines = bodyLines(body);
  if (lines.length === 0) return [`${header} {}`];
  return [`${header} {`, ...indent(lines), "}"];
}

/** Terraform reads a label as plain text, and `terraform fmt` changes or drops one that holds an escape or a template. */
function labelText(label: string): string {
  if (!/^[ -~]*$/.test(label) || /[$%"\\]/.test(label)) {
    throw new Error(
      `block label ${JSON.stringify(label)} must be printable ASCII without $, %, quotes and backslashes`,
    );
  }
  return `"${label}"`;
}

function commentLines(text: string): string[] {
  return text.split("\n").map((line) => {
    const trimmed = line.trimEnd();
    if (/\p{Cc}/u.test(trimmed)) throw new Error(`a comment cannot hold control characters: ${JSON.stringify(line)}`);
    return trimmed === "" ? "#" : `# ${trimmed}`;
  });
}

function attributeLines(attributes: readonly Attribute[]): string[] {
  return alignedLines(
    attributes.map(({ name, value }) => {
      assertIdentifier(name, "attribute name");
      return { left: name, right: expressionLines(value, name.length + 3) };
    }),
  );
}

/**
 * `left = right` for each pair, the equals signs of neighbours in one column. As in `terraform fmt`, a pair whose first
 * line leaves a bracket open is not aligned and ends the column; a heredoc counts as one line.
 */
function alignedLines(pairs: readonly { left: string; right: readonly string[] }[]): string[] {
  const lines: string[] = [];
  let chain: { left: string; right: readonly string[] }[] = [];
  const close = () => {
    const width = Math.max(0, ...chain.map(({ left }) => columns(left)));
    for (const { left, right } of chain) {
      const [first = "", ...rest] = right;
      lines.push(`${left}${" ".repeat(width - columns(left))} = ${first}`, ...rest);
    }
    chain = [];
  };
  for (const pair of pairs) {
    const opensBracket = pair.right.length > 1 && !isHeredoc(pair.right);
    if (opensBracket) close();
    chain.push(pair);
    if (opensBracket) close();
  }
  close();
  return lines;
}

function expressionLines(value: Expression, column = 0): string[] {
  switch (value.kind) {
    case "string":
      return [`"${escapeQuoted(value.value)}"`];
    case "number":
      if (!Number.isFinite(value.value)) throw new Error(`HCL has no number ${value.value}: use a finite one`);
      return [String(value.value)];
    case "bool":
      return [String(value.value)];
    case "null":
      return ["null"];
    case "raw":
      return rawLines(value);
    case "template":
      return templateLines(value.parts);
    case "heredoc":
      return heredocLines(value.text);
    case "list":
      return listLines(value.items, column);
    case "object":
      return objectLines(value.entries);
    case "call":
      return callLines(value.name, value.args, column);
    default:
      return unknown(value);
  }
}

function rawLines({ code }: Raw): string[] {
  const lines = code.trim().split("\n");
  if (lines[0] === "") throw new Error("an expression must not be empty: use null for no value");
  return lines.map((line) => line.trimEnd());
}

function templateLines(allParts: readonly (string | Raw)[]): string[] {
  const parts = allParts.filter((part) => part !== "");
  const [only] = parts;
  if (parts.length === 1 && only !== undefined && typeof only !== "string") return rawLines(only);
  // Neighbouring texts are one text: a `$` at the end of one and a `{` at the start of the next belong together.
  const merged: (string | Raw)[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (typeof part === "string" && typeof last === "string") merged[merged.length - 1] = last + part;
    else merged.push(part);
  }
  const text = merged.map((part, index) => {
    if (typeof part === "string") {
      const escaped = escapeQuoted(part);
      const beforeRaw = index + 1 < merged.length;
      return beforeRaw ? escaped.replace(/[$%]$/, (end) => (end === "$" ? "\\u0024" : "\\u0025")) : escaped;
    }
    const [line, ...more] = rawLines(part);
    if (more.length > 0) throw new Error(`an interpolation must stand on one line: ${part.code}`);
    return `\${${line}}`;
  });
  return [`"${text.join("")}"`];
}

function heredocLines(text: string): string[] {
  const lines = escapeHeredoc(text).slice(0, -1).split("\n");
  let marker = "EOT";
  while (lines.some((line) => line.trim() === marker)) marker += "_";
  if (lines.some((line) => /^\s/.test(line)) || lines.some((line) => line === "")) {
    return [`<<${marker}`, ...lines.map(verbatim), verbatim(marker)];
  }
  return [`<<-${marker}`, ...lines.map((line) => `${INDENT}${line}`), marker];
}

/** Lines of a plain heredoc must not be indented with what surrounds them. */
const VERBATIM = "\u0000";
function verbatim(line: string): string {
  return `${VERBATIM}${line}`;
}

function isHeredoc(lines: readonly string[]): boolean {
  return lines.length > 1 && lines[0]?.startsWith("<<") === true;
}

function listLines(items: readonly Expression[], column: number): string[] {
  if (items.length === 0) return ["[]"];
  const printed = items.map((item) => expressionLines(item));
  const short = printed.every((lines) => lines.length === 1);
  const oneLine = `[${printed.map(([line = ""]) => line).join(", ")}]`;
  if (short && (items.length === 1 || column + columns(oneLine) <= ONE_LINE_COLUMNS)) return [oneLine];
  const [first] = items;
  if (items.length === 1 && first?.kind === "object" && printed[0] !== undefined)
    return wrapLines("[", printed[0], "]");
  return ["[", ...indent(printed.flatMap(withComma)), "]"];
}

function objectLines(entries: readonly ObjectEntry[]): string[] {
  if (entries.length === 0) return ["{}"];
  const keys = new Set<string>();
  const pairs = entries.map(({ key, value }) => {
    if (keys.has(key)) throw new Error(`object key ${JSON.stringify(key)} is given twice: keep one`);
    keys.add(key);
    const left = keyText(key);
    return { left, right: expressionLines(value, left.length + 3) };
  });
  return ["{", ...indent(alignedLines(pairs)), "}"];
}

/** Words that are not read as names where a key stands: `for` begins a comprehension, the others are values. */
const RESERVED_KEYS = new Set(["for", "null", "true", "false"]);

function keyText(key: string): string {
  return IDENTIFIER.test(key) && !RESERVED_KEYS.has(key) ? key : `"${escapeQuoted(key)}"`;
}

function callLines(name: string, args: readonly Expression[], column: number): string[] {
  assertIdentifier(name, "function name");
  const printed = args.map((argument) => expressionLines(argument));
  const isOneLine = printed.every((lines) => lines.length === 1);
  const oneLine = `${name}(${printed.map(([line = ""]) => line).join(", ")})`;
  if (isOneLine && (args.length < 2 || column + columns(oneLine) <= ONE_LINE_COLUMNS)) return [oneLine];
  const [first] = printed;
  if (printed.length === 1 && first !== undefined && args[0]?.kind !== "heredoc")
    return wrapLines(`${name}(`, first, ")");
  return [`${name}(`, ...indent(printed.flatMap(withComma)), ")"];
}

function wrapLines(open: string, lines: readonly string[], close: string): string[] {
  return lines.map((line, index) => {
    const opened = index === 0 ? `${open}${line}` : line;
    return index === lines.length - 1 ? `${opened}${close}` : opened;
  });
}

/** A heredoc's closing marker must stand alone, so the comma goes to a line of its own. */
function withComma(lines: readonly string[]): string[] {
  if (isHeredoc(lines)) {
    throw new Error("a heredoc can only be an attribute's or an object entry's value: use a string here");
  }
  return wrapLines("", lines, ",");
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" || line.startsWith(VERBATIM) ? line : `${INDENT}${line}`));
}

function columns(text: string): number {
  return [...segmenter.segment(text)].length;
}

function assertIdentifier(name: string, what: string): void {
  if (!IDENTIFIER.test(name)) throw new Error(`${what} ${JSON.stringify(name)} is not an HCL identifier`);
}

function unknown(value: never): never {
  throw new Error(`cannot print ${JSON.stringify(value)}: not an HCL expression`);
}
