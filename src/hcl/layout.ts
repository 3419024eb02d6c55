import type { Expression, ForExpression } from "./model.ts";
import {
  assertIdentifier,
  entryPairs,
  keyword,
  needed,
  printExpression,
  printOperand,
  UNARY,
} from "./print-expression.ts";

const INDENT = "  ";
const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/** How much room there is: on the first line, behind what stands there already, and on the lines after it. */
interface Room {
  readonly first: number;
  readonly width: number;
}

/** `left = value` for each pair, laid out in lines of that width, the equals signs of neighbours in one column. */
export function alignedLines(pairs: readonly { left: string; value: Expression }[], width: number): string[] {
  const lines: string[] = [];
  let chain: { left: string; right: readonly string[] }[] = [];
  const close = () => {
    const column = Math.max(0, ...chain.map(({ left }) => columns(left)));
    for (const { left, right } of chain) {
      const [first = "", ...rest] = right;
      lines.push(`${left}${" ".repeat(column - columns(left))} = ${first}`, ...rest);
    }
    chain = [];
  };
  for (const { left, value } of pairs) {
    const { why, value: explained } = value.kind === "explained" ? value : { why: undefined, value };
    const right = layout(explained, { first: width - columns(left) - 3, width });
    // As in `terraform fmt`, a pair whose first line leaves a bracket open is not aligned and ends the column.
    if (why !== undefined || right.length > 1) close();
    if (why !== undefined) lines.push(...commentLines(why));
    chain.push({ left, right });
    if (right.length > 1) close();
  }
  close();
  return lines;
}

/** The lines of a comment. */
export function commentLines(text: string): string[] {
  return text.split("\n").map((line) => {
    const trimmed = line.trimEnd();
    if (/\p{Cc}/u.test(trimmed)) throw new Error(`a comment cannot hold control characters: ${JSON.stringify(line)}`);
    return trimmed === "" ? "#" : `# ${trimmed}`;
  });
}

export function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? line : `${INDENT}${line}`));
}

/**
 * The lines of an expression: one, if it fits and has no object with members, which are written one below the other.
 */
function layout(value: Expression, room: Room): string[] {
  if (!holdsObject(value)) {
    const oneLine = printExpression(value);
    if (columns(oneLine) <= room.first) return [oneLine];
  }
  const inner = room.width - INDENT.length;
  const inside = { first: inner, width: inner };
  switch (value.kind) {
    case "list":
      return listLines(value.items, inside);
    case "object":
      return ["{", ...indent(alignedLines(entryPairs(value.entries), inner)), "}"];
    case "call":
      return callLines(value.name, value.args, inside);
    case "operation":
      return ["(", ...indent(operationLines(value, inside)), ")"];
    case "conditional":
      return [
        "(",
        ...indent(conditionLines(value.condition, inside)),
        ...indent(wrap("? ", layout(value.whenTrue, inside), "")),
        ...indent(wrap(": ", layout(value.whenFalse, inside), "")),
        ")",
      ];
    case "not":
      return wrap("!", operandLines(value.operand, UNARY, room), "");
    case "index":
      return wrap("", operandLines(value.object, UNARY, room), `[${printExpression(value.key)}]`);
    case "for":
      return forLines(value, inside);
    default:
      return [printExpression(value)];
  }
}

/** Whether an object with members is in a place where members have lines of their own. */
function holdsObject(value: Expression): boolean {
  switch (value.kind) {
    case "object":
      return value.entries.length > 0;
    case "list":
      return value.items.some(holdsObject);
    case "call":
      return value.args.some(holdsObject);
    case "for":
      return holdsObject(value.of);
    default:
      return false;
  }
}

function listLines(items: readonly Expression[], inside: Room): string[] {
  const [first] = items;
  if (items.length === 1 && first?.kind === "object") {
    return wrap("[", layout(first, { first: inside.first, width: inside.width + INDENT.length }), "]");
  }
  if (items.every(({ kind }) => kind === "number")) return ["[", ...indent(filledLines(items, inside.width)), "]"];
  return ["[", ...indent(items.flatMap((item) => wrap("", layout(item, inside), ","))), "]"];
}

/** As many numbers on each line as fit. */
function filledLines(items: readonly Expression[], width: number): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const text = `${printExpression(item)},`;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + text.length <= width) lines[lines.length - 1] = `${last} ${text}`;
    else lines.push(text);
  }
  return lines;
}

const HUGGED: ReadonlySet<Expression["kind"]> = new Set(["list", "object", "call", "for"]);

function callLines(name: string, args: readonly Expression[], inside: Room): string[] {
  assertIdentifier(name, "function name");
  const [first] = args;
  if (args.length === 1 && first !== undefined && HUGGED.has(first.kind)) {
    const width = inside.width + INDENT.length;
    return wrap(`${name}(`, layout(first, { first: width - name.length - 2, width }), ")");
  }
  return [`${name}(`, ...indent(args.flatMap((argument) => wrap("", layout(argument, inside), ","))), ")"];
}

function operationLines(value: Extract<Expression, { kind: "operation" }>, inside: Room): string[] {
  const { operator, operands } = value;
  return operands.flatMap((operand, position) => {
    const lines = operandLines(operand, needed(operator, position), inside);
    return position === operands.length - 1 ? lines : wrap("", lines, ` ${operator}`);
  });
}

/** The lines of an operand, in brackets where the expression around it binds tighter; broken, it has its own. */
function operandLines(operand: Expression, least: number, room: Room): string[] {
  const lines = layout(operand, room);
  return lines.length === 1 ? [printOperand(operand, least)] : lines;
}

function forLines(value: ForExpression, inside: Room): string[] {
  const [open, close] = value.key === undefined ? ["[", "]"] : ["{", "}"];
  const lines = wrap(`for ${value.names.join(", ")} `, afterKeyword("in", layout(value.of, inside)), " :");
  const key = value.key === undefined ? "" : `${printExpression(value.key)} => `;
  append(lines, wrap(key, layout(value.value, inside), ""), inside);
  if (value.when !== undefined) append(lines, afterKeyword("if", layout(value.when, inside)), inside);
  return [open, ...indent(lines), close];
}

function afterKeyword(word: "in" | "if", lines: readonly string[]): string[] {
  return lines.map((line, position) => (position === 0 ? keyword(word, line) : line));
}

/** Puts lines behind the last one where they fit there, else below it. */
function append(lines: string[], more: readonly string[], { width }: Room): void {
  const joined = [...lines.slice(-1), ...more];
  if (joined.length === 2 && columns(joined.join(" ")) <= width) lines.splice(-1, 1, joined.join(" "));
  else lines.push(...more);
}

function wrap(open: string, lines: readonly string[], close: string): string[] {
  return lines.map((line, position) => {
    const opened = position === 0 ? `${open}${line}` : line;
    return position === lines.length - 1 ? `${opened}${close}` : opened;
  });
}

function columns(text: string): number {
  return [...segmenter.segment(text)].length;
}

/** python-hcl2, by which scanners read modules, takes no line end between a negation and the question mark. */
function conditionLines(condition: Expression, room: Room): string[] {
  const lines = operandLines(condition, 1, room);
  if (condition.kind !== "not") return lines;
  return lines.map((line, at) => `${at === 0 ? "(" : ""}${line}${at === lines.length - 1 ? ")" : ""}`);
}
