/**
 * Conditions and sums of CloudWatch Logs Insights, as far as the module's queries use them; anything else is an error.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
 */

export type Row = Readonly<Record<string, unknown>>;

/** Makes a value of a row; undefined where a field is absent. */
export type Evaluate = (row: Row) => unknown;

/** A part of a query: what it makes of a row, and the fields that it names. */
export interface Expression {
  evaluate: Evaluate;
  fields: readonly string[];
}

const TOKEN = /\s*("[^"]*"|\d+(?:\.\d+)?|@?[A-Za-z_][\w.]*|!=|>=|<=|[-+*/()[\],=<>])/y;
const NUMBERS: Readonly<Record<string, (...values: number[]) => number>> = { greatest: Math.max, least: Math.min };
const ARITHMETIC: Readonly<Record<string, (one: number, other: number) => number>> = {
  "+": (one, other) => one + other,
  "-": (one, other) => one - other,
  "*": (one, other) => one * other,
  "/": (one, other) => one / other,
};
const COMPARISONS: Readonly<Record<string, (one: unknown, other: unknown) => boolean>> = {
  "=": (one, other) => one === other,
  "!=": (one, other) => one !== other,
  ">": (one, other) => isNumber(one) && isNumber(other) && one > other,
  "<": (one, other) => isNumber(one) && isNumber(other) && one < other,
};

/** Reads a condition of `filter`, or what an aggregate is taken of. */
export function parseExpression(text: string): Expression {
  const reader = new Reader(text);
  const evaluate = reader.conjunction();
  reader.end();
  return { evaluate, fields: reader.fields };
}

class Reader {
  readonly fields: string[] = [];
  private readonly text: string;
  private readonly tokens: string[] = [];
  private at = 0;

  constructor(text: string) {
    this.text = text;
    TOKEN.lastIndex = 0;
    for (let from = 0; text.slice(from).trim() !== ""; from = TOKEN.lastIndex) {
      TOKEN.lastIndex = from;
      const [, token] = TOKEN.exec(text) ?? unknownIn(text);
      this.tokens.push(token ?? "");
    }
  }

  end(): void {
    if (this.at < this.tokens.length) unknownIn(this.text);
  }

  conjunction(): Evaluate {
    const parts = [this.comparison()];
    while (this.take("and")) parts.push(this.comparison());
    return parts.length === 1 && parts[0] ? parts[0] : (row) => parts.every((part) => part(row) === true);
  }

  private comparison(): Evaluate {
    const left = this.sum("+", "-");
    if (this.take("in")) {
      const values = this.list();
      return (row) => values.includes(left(row));
    }
    const compare = COMPARISONS[this.tokens[this.at] ?? ""];
    if (compare === undefined) return left;
    this.at++;
    const right = this.sum("+", "-");
    return (row) => compare(left(row), right(row));
  }

  // Sums of products.
  private sum(...operators: readonly string[]): Evaluate {
    const operand = () => (operators.includes("+") ? this.sum("*", "/") : this.value());
    let left = operand();
    for (let token = this.tokens[this.at]; token !== undefined && operators.includes(token); ) {
      this.at++;
      const [before, right, operate] = [left, operand(), ARITHMETIC[token] ?? unknownIn(this.text)];
      left = (row) => numeric([before(row), right(row)], (one = 0, other = 0) => operate(one, other));
      token = this.tokens[this.at];
    }
    return left;
  }

  private value(): Evaluate {
    const token = this.tokens[this.at++] ?? unknownIn(this.text);
    if (token === "(") {
      const inner = this.conjunction();
      this.need(")");
      return inner;
    }
    if (/^["\d]/.test(token)) {
      const constant: unknown = JSON.parse(token);
      return () => constant;
    }
    if (!/^[@A-Za-z_]/.test(token)) unknownIn(this.text);
    if (this.take("(")) return this.applied(token);
    this.fields.push(token);
    return (row) => row[token] ?? undefined;
  }

  private applied(name: string): Evaluate {
    const before = this.fields.length;
    const args = [this.sum("+", "-")];
    while (this.take(",")) args.push(this.sum("+", "-"));
    this.need(")");
    if (name === "ispresent") {
      // It asks whether there is such a field, so there may be none.
      this.fields.splice(before);
      return (row) => args[0]?.(row) !== undefined;
    }
    const operate = NUMBERS[name] ?? unknownIn(`${name}()`);
    return (row) =>
      numeric(
        args.map((arg) => arg(row)),
        operate,
      );
  }

  private list(): unknown[] {
    this.need("[");
    const values: unknown[] = [];
    do values.push(JSON.parse(this.tokens[this.at++] ?? ""));
    while (this.take(","));
    this.need("]");
    return values;
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at++;
    return true;
  }

  private need(token: string): void {
    if (!this.take(token)) unknownIn(this.text);
  }
}

// What lacks a number has no value.
function numeric(values: readonly unknown[], operate: (...values: number[]) => number): number | undefined {
  return values.every(isNumber) ? operate(...values) : undefined;
}

export function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

export function unknownIn(text: string): never {
  throw new Error(`the lab's Logs Insights knows no ${JSON.stringify(text)}`);
}
