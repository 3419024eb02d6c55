/** A default value as terraform-docs knows it: JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The value of what hcl2json made of a constant expression: escapes of templates undone, arithmetic carried out. */
export function constantValue(parsed: unknown): Json {
  if (Array.isArray(parsed)) return parsed.map(constantValue);
  if (typeof parsed === "object" && parsed !== null) {
    return Object.fromEntries(Object.entries(parsed).map(([key, value]) => [key, constantValue(value)]));
  }
  if (typeof parsed === "string") return arithmetic(parsed) ?? plainText(parsed);
  return typeof parsed === "number" || typeof parsed === "boolean" ? parsed : null;
}

/** A string of hcl2json without the marks that keep `${` and `%{` from being templates. */
export function plainText(text: string): string {
  return text.replace(/([$%])\1\{/g, "$1{");
}

/** The source of what hcl2json took for an expression, or the text itself. */
export function sourceText(text: string): string {
  return text.startsWith("${") && text.endsWith("}") ? text.slice(2, -1) : plainText(text);
}

function arithmetic(text: string): number | undefined {
  const source = /^\$\{([\d\s.+\-*/%()]+)\}$/.exec(text)?.[1];
  if (source === undefined) return undefined;
  const tokens = source.match(/\d+(?:\.\d+)?|[-+*/%()]/g) ?? [];
  const value = sum(tokens);
  return tokens.length === 0 && Number.isFinite(value) ? value : undefined;
}

function sum(tokens: string[]): number {
  let value = product(tokens);
  while (tokens[0] === "+" || tokens[0] === "-") value += tokens.shift() === "+" ? product(tokens) : -product(tokens);
  return value;
}

const OPERATIONS: ReadonlyMap<string | undefined, (a: number, b: number) => number> = new Map([
  ["*", (a: number, b: number) => a * b],
  ["/", (a: number, b: number) => a / b],
  ["%", (a: number, b: number) => a % b],
]);

function product(tokens: string[]): number {
  let value = operand(tokens);
  for (;;) {
    const operate = OPERATIONS.get(tokens[0]);
    if (operate === undefined) return value;
    tokens.shift();
    value = operate(value, operand(tokens));
  }
}

function operand(tokens: string[]): number {
  const token = tokens.shift();
  if (token === "-") return -operand(tokens);
  if (token !== "(") return Number(token ?? Number.NaN);
  const value = sum(tokens);
  return tokens.shift() === ")" ? value : Number.NaN;
}
