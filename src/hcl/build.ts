import type { Attribute, Block, Body, Expression, ForExpression, Item, Literal, Operator } from "./model.ts";

const REFERENCE = /^[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[(?:\d+|\*|"[\w-]+")\])*$/;

/**
 * A reference, such as `var.name` or `aws_sqs_queue.jobs[*].arn`, or a word such as `string`; throws on anything
 * longer.
 */
export function ref(path: string): Expression {
  if (!REFERENCE.test(path)) throw new Error(`${JSON.stringify(path)} is no reference: build it as an expression`);
  return { kind: "reference", path };
}

/** A quoted string with interpolations: text parts are escaped, the others become `${...}`. */
export function template(...parts: (string | Expression)[]): Expression {
  return { kind: "template", parts };
}

/** A function call. */
export function call(name: string, ...args: Literal[]): Expression {
  return { kind: "call", name, args: args.map(expression) };
}

/** `left operator right`, and on with more operands of the same operator. */
export function operation(operator: Operator, ...operands: Literal[]): Expression {
  if (operands.length < 2) throw new Error(`${operator} stands between two operands or more`);
  return { kind: "operation", operator, operands: operands.map(expression) };
}

export const and = (...operands: Literal[]): Expression => operation("&&", ...operands);
export const or = (...operands: Literal[]): Expression => operation("||", ...operands);
export const equal = (left: Literal, right: Literal): Expression => operation("==", left, right);
export const notEqual = (left: Literal, right: Literal): Expression => operation("!=", left, right);
export const atLeast = (left: Literal, right: Literal): Expression => operation(">=", left, right);
export const atMost = (left: Literal, right: Literal): Expression => operation("<=", left, right);
export const above = (left: Literal, right: Literal): Expression => operation(">", left, right);
export const below = (left: Literal, right: Literal): Expression => operation("<", left, right);
export const plus = (...operands: Literal[]): Expression => operation("+", ...operands);
export const times = (...operands: Literal[]): Expression => operation("*", ...operands);

/** `!operand`. */
export function not(operand: Literal): Expression {
  return { kind: "not", operand: expression(operand) };
}

/** `condition ? whenTrue : whenFalse`. */
export function conditional(condition: Literal, whenTrue: Literal, whenFalse: Literal): Expression {
  return {
    kind: "conditional",
    condition: expression(condition),
    whenTrue: expression(whenTrue),
    whenFalse: expression(whenFalse),
  };
}

/** `object[key]`. */
export function index(object: Literal, key: Literal): Expression {
  return { kind: "index", object: expression(object), key: expression(key) };
}

/** `[for name in of : value]`; the value, and what keeps an item, are told of the item. */
export function listFor(
  name: string,
  of: Literal,
  value: (item: Expression) => Literal,
  when?: (item: Expression) => Literal,
): Expression {
  const item = ref(name);
  return forExpression([name], of, {
    value: value(item),
    ...(when === undefined ? {} : { when: when(item) }),
  });
}

/** A `for` over names of one's own: a list, or with a key an object. */
export function forExpression(
  names: readonly string[],
  of: Literal,
  { key, value, when }: { readonly key?: Literal; readonly value: Literal; readonly when?: Literal },
): ForExpression {
  return {
    kind: "for",
    names,
    of: expression(of),
    value: expression(value),
    ...(key === undefined ? {} : { key: expression(key) }),
    ...(when === undefined ? {} : { when: expression(when) }),
  };
}

/** A value with the reason for it, which is printed as a comment above its attribute or object entry. */
export function because(value: Literal, why: string): Expression {
  return { kind: "explained", value: expression(value), why };
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

const KINDS: ReadonlySet<string> = new Set<Expression["kind"]>([
  "string",
  "number",
  "bool",
  "null",
  "list",
  "object",
  "reference",
  "template",
  "call",
  "operation",
  "not",
  "conditional",
  "index",
  "for",
  "explained",
]);

/** An object with a `kind` that names an expression is one; HCL objects with such a member are built as expressions. */
function isExpression(value: object): value is Expression {
  return "kind" in value && typeof value.kind === "string" && KINDS.has(value.kind);
}
