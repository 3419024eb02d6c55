import type { Value } from "../behaviour.ts";
import { isObject } from "../dynamic-value.ts";
import type { Check } from "../type-rules.ts";

/** A whole number within bounds, both included. */
export function between(low: number, high: number): Check {
  return (value, name) =>
    typeof value === "number" && Number.isInteger(value) && value >= low && value <= high
      ? undefined
      : `expected ${name} to be in the range (${low} - ${high}), got ${JSON.stringify(value)}`;
}

/** One of a closed set. */
export function oneOf(...allowed: readonly (string | number)[]): Check {
  return (value, name) =>
    allowed.some((each) => each === value)
      ? undefined
      : `expected ${name} to be one of ${JSON.stringify(allowed)}, got ${JSON.stringify(value)}`;
}

/** Every element is one of a closed set. */
export function eachOneOf(...allowed: readonly string[]): Check {
  return each(oneOf(...allowed));
}

/** Holds every element of a list or set to a check. */
export function each(check: Check): Check {
  return (value, name) =>
    Array.isArray(value)
      ? value.map((item) => check(item, name)).find((problem) => problem !== undefined)
      : `expected ${name} to be a list`;
}

/** A text that a pattern describes; `words` says what it asks for. */
export function matches(pattern: RegExp, words: string): Check {
  return (value, name) =>
    typeof value === "string" && pattern.test(value)
      ? undefined
      : `invalid value for ${name} (${words}): ${show(value)}`;
}

/** A text whose length is within bounds. */
export function length(low: number, high: number): Check {
  return (value, name) =>
    typeof value === "string" && value.length >= low && value.length <= high
      ? undefined
      : `expected length of ${name} to be in the range (${low} - ${high}), got ${show(value)}`;
}

/** A JSON document; `aws` IAM policies and the like are objects. */
export const json: Check = (value, name) => {
  try {
    const parsed: unknown = JSON.parse(String(value));
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return undefined;
    return `"${name}" contains an invalid JSON policy: contains no JSON object`;
  } catch (error: unknown) {
    return `"${name}" contains an invalid JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
};

/** An IAM policy document: what IAM answers MalformedPolicyDocument to is refused here. */
export const policy: Check = (value, name) => {
  const malformed = json(value, name);
  if (malformed !== undefined) return malformed;
  const document: Value = JSON.parse(String(value));
  if (!isObject(document)) return undefined;
  const { Version: version, Statement: statement } = document;
  if (version !== undefined && version !== "2012-10-17" && version !== "2008-10-17") {
    return `"${name}" contains an invalid policy: MalformedPolicyDocument: the policy must contain a valid version string`;
  }
  const statements = Array.isArray(statement) ? statement : [statement];
  const bad = statements.find((item) => !isObject(item) || !isStatement(item));
  return bad === undefined && statements.length > 0
    ? undefined
    : `"${name}" contains an invalid policy: MalformedPolicyDocument: syntax errors in policy: ${show(bad ?? null)}`;
};

function isStatement(statement: { [name: string]: unknown }): boolean {
  const { Effect: effect } = statement;
  const exactlyOne = (a: string, b: string) => a in statement !== b in statement;
  return (effect === "Allow" || effect === "Deny") && exactlyOne("Action", "NotAction");
}

/** An Amazon Resource Name. */
export const arn: Check = (value, name) =>
  typeof value === "string" && /^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}|aws)?:.+$/s.test(value)
    ? undefined
    : `"${name}" (${show(value)}) is an invalid ARN: arn: invalid prefix or sections`;

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}
