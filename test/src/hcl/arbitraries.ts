import fc from "fast-check";
import { expression } from "../../../src/hcl/build.ts";
import type { Expression } from "../../../src/hcl/model.ts";

/** A value that JSON and HCL both have. */
export type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain };

/** Fragments that a careless printer gets wrong. */
const TRICKY = [
  "${",
  "%{",
  "$${",
  "%%{",
  "$$${",
  "$",
  "%",
  "{",
  "}",
  '"',
  "\\",
  "\n",
  "\r",
  "\t",
  "\0",
  "0",
  "false",
  "null",
];
const fragment = fc.oneof(
  fc.constantFrom(...TRICKY, "\u2028", "\u007f", "\u{1F680}", "é", "<<EOT", "#", "//", "/*"),
  fc.string({ unit: "grapheme", maxLength: 6 }),
);

/** Any text that HCL can express: well-formed, and in the normal form that Terraform gives it anyway. */
export const text = fc.array(fragment, { maxLength: 6 }).map((parts) => parts.join("").normalize("NFC"));

/** A block label: anything but what the printer refuses. */
export const label = fc.stringMatching(/^[ -~]{0,12}$/).map((value) => value.replace(/[$%"\\]/g, ""));

/** A key that HCL prints bare, or must quote. */
const key = fc.oneof(
  fc.stringMatching(/^[a-z_][a-z0-9_-]{0,12}$/),
  text,
  fc.constantFrom("for", "null", "true", "in", "if"),
);

// A negative number is an operation in HCL, not a literal, so the parser gives its text.
const number = fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e15, noNaN: true })).map((value) => value + 0);

/** Any value, nested a few levels. */
export const plain: fc.Arbitrary<Plain> = fc.letrec<{ value: Plain }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

/** The expression of a plain value; its objects are objects whatever their members are called. */
export function expressionOf(value: Plain): Expression {
  if (Array.isArray(value)) return { kind: "list", items: value.map(expressionOf) };
  if (value === null || typeof value !== "object") return expression(value);
  return {
    kind: "object",
    entries: Object.entries(value).map(([name, member]) => ({ key: name, value: expressionOf(member) })),
  };
}

/** The value as JSON configuration syntax writes it, which is what the parser gives: there `${` is `$${` too. */
export function jsonSyntax(value: Plain): Plain {
  const doubled = (part: string) => part.replace(/([$%])\{/g, "$1$1{");
  if (typeof value === "string") return doubled(value);
  if (Array.isArray(value)) return value.map(jsonSyntax);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [doubled(name), jsonSyntax(member)]));
}
