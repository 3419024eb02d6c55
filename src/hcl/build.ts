import type { Attribute, Block, Body, Expression, Item, Literal, Raw } from "./model.ts";

/** HCL printed as it stands: a reference such as `var.name`, or any other expression. */
export function raw(code: string): Raw {
  return { kind: "raw", code };
}

/** A quoted string with interpolations: text parts are escaped, the others become `${...}`. */
export function template(...parts: (string | Raw)[]): Expression {
  return { kind: "template", parts };
}

/** A multi-line string in heredoc form; `text` ends with a newline. */
export function heredoc(text: string): Expression {
  return { kind: "heredoc", text };
}

/** A function call. */
export function call(name: string, ...args: Literal[]): Expression {
  return { kind: "call", name, args: args.map(expression) };
}

/** The expression that a plain JavaScript value stands for; object members that are undefined are left out. */
export function expression(value: Literal): Expression {
  if (value === null) return { kind: "null" };
  switch (typeof value) {
    case "string":
      return { kind: "string", value };
    case "number":
      return { kind: "number", value };
    case "boolean":
      return { kind: "bool", value };
    case "object":
      break;
    default:
      throw new Error(`cannot express a ${typeof value} in HCL: pass a string, number, boolean, null, array or object`);
  }
  if (isList(value)) return { kind: "list", items: value.map(expression) };
  if (isExpression(value)) return value;
  return {
    kind: "object",
    entries: Object.entries(value).flatMap(([key, member]) =>
      member === undefined ? [] : [{ key, value: expression(member) }],
    ),
  };
}

/** `name = value`. */
export function attribute(name: string, value: Literal): Attribute {
  return { kind: "attribute", name, value: expression(value) };
}

/** `type "label" { body }`. */
export function block(type: string, labels: readonly string[], body: Body): Block {
  return { kind: "block", type, labels, body };
}

/** A `#` comment, one line for each line of the text. */
export function comment(text: string): Item {
  return { kind: "comment", text };
}

/** An empty line between groups of attributes or comments; blocks are set apart without it. */
export const blank: Item = { kind: "blank" };

function isList(value: object): value is readonly Literal[] {
  return Array.isArray(value);
}

const KINDS = new Set(["string", "number", "bool", "null", "list", "object", "raw", "template", "heredoc", "call"]);

/** An object with a `kind` that names an expression is one; HCL objects with such a member are built as expressions. */
function isExpression(value: object): value is Expression {
  return "kind" in value && typeof value.kind === "string" && KINDS.has(value.kind);
}
