import { codePoint, escapeQuoted } from "./escape.ts";
import type { Expression, ForExpression, ObjectEntry, Operator } from "./model.ts";

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** The text of an expression on one line. */
export function printExpression(value: Expression): string {
  switch (value.kind) {
    case "string":
      return `"${escapeQuoted(value.value)}"`;
    case "number":
      if (!Number.isFinite(value.value)) throw new Error(`HCL has no number ${value.value}: use a finite one`);
      return String(value.value);
    case "bool":
      return String(value.value);
    case "null":
      return "null";
    case "reference":
      return value.path;
    case "template":
      return templateText(value.parts);
    case "list":
      return `[${value.items.map(printExpression).join(", ")}]`;
    case "object":
      return objectText(value.entries);
    case "call":
      assertIdentifier(value.name, "function name");
      return `${value.name}(${value.args.map(printExpression).join(", ")})`;
    case "operation":
      return value.operands
        .map((operand, position) => printOperand(operand, needed(value.operator, position)))
        .join(` ${value.operator} `);
    case "not":
      return `!${printOperand(value.operand, UNARY)}`;
    case "conditional":
      return `${printOperand(value.condition, 1)} ? ${printExpression(value.whenTrue)} : ${printExpression(value.whenFalse)}`;
    case "index":
      return `${printOperand(value.object, UNARY)}[${printExpression(value.key)}]`;
    case "for":
      return forText(value);
    case "explained":
      throw new Error(`only an attribute or an object's entry can be explained, not what stands inside: ${value.why}`);
    default:
      return unknown(value);
  }
}

function objectText(entries: readonly ObjectEntry[]): string {
  const pairs = entryPairs(entries).map(({ left, value }) => `${left} = ${printExpression(value)}`);
  return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
}

function forText({ names, of, key, value, when }: ForExpression): string {
  const result = key === undefined ? printExpression(value) : `${printExpression(key)} => ${printExpression(value)}`;
  const condition = when === undefined ? "" : ` ${keyword("if", printExpression(when))}`;
  const text = `for ${names.join(", ")} ${keyword("in", printExpression(of))} : ${result}${condition}`;
  return key === undefined ? `[${text}]` : `{ ${text} }`;
}

function templateText(allParts: readonly (string | Expression)[]): string {
  const parts = allParts.filter((part) => part !== "");
  const [only] = parts;
  if (parts.length === 1 && only !== undefined && typeof only !== "string") return printExpression(only);
  // Neighbouring texts are one text: a `$` at the end of one and a `{` at the start of the next belong together.
  const merged: (string | Expression)[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (typeof part === "string" && typeof last === "string") merged[merged.length - 1] = last + part;
    else merged.push(part);
  }
  const text = merged.map((part, position) => {
    if (typeof part !== "string") return `\${${printExpression(part)}}`;
    const isBeforeInterpolation = position + 1 < merged.length;
    return isBeforeInterpolation ? escapeQuoted(part).replace(/[$%]$/, codePoint) : escapeQuoted(part);
  });
  return `"${text.join("")}"`;
}

/** The keyword and what follows it; `terraform fmt` takes a bracket behind a keyword for that of a call or an index. */
export function keyword(word: "in" | "if", following: string): string {
  return (word === "if" ? /^[([]/ : /^\(/).test(following) ? `${word}${following}` : `${word} ${following}`;
}

/** How tight operators bind, from loose to tight; what has no operator binds tighter than all. */
const PRECEDENCE: Readonly<Record<Operator, number>> = {
  "||": 1,
  "&&": 2,
  "==": 3,
  "!=": 3,
  ">": 4,
  ">=": 4,
  "<": 4,
  "<=": 4,
  "+": 5,
  "-": 5,
  "*": 6,
  "/": 6,
  "%": 6,
};
export const UNARY = 7;

/** How tight an operand has to bind to stand at that position without brackets. */
export function needed(operator: Operator, position: number): number {
  return PRECEDENCE[operator] + (position === 0 ? 0 : 1);
}

/** An operand, in brackets where what is around it binds tighter. */
export function printOperand(operand: Expression, least: number): string {
  const binds =
    operand.kind === "operation" ? PRECEDENCE[operand.operator] : operand.kind === "conditional" ? 0 : UNARY;
  return binds < least ? `(${printExpression(operand)})` : printExpression(operand);
}

/** The entries with their keys as they are written; throws when one is given twice. */
export function entryPairs(entries: readonly ObjectEntry[]): { left: string; value: Expression }[] {
  const keys = new Set<string>();
  return entries.map(({ key, value }) => {
    if (keys.has(key)) throw new Error(`object key ${JSON.stringify(key)} is given twice: keep one`);
    keys.add(key);
    return { left: keyText(key), value };
  });
}

/** Words that are not read as names where a key stands: `for` begins a comprehension, the others are values. */
const RESERVED_KEYS = new Set(["for", "null", "true", "false"]);

function keyText(key: string): string {
  return IDENTIFIER.test(key) && !RESERVED_KEYS.has(key) ? key : `"${escapeQuoted(key)}"`;
}

export function assertIdentifier(name: string, what: string): void {
  if (!IDENTIFIER.test(name)) throw new Error(`${what} ${JSON.stringify(name)} is not an HCL identifier`);
}

function unknown(value: never): never {
  throw new Error(`cannot print ${JSON.stringify(value)}: not an HCL expression`);
}
