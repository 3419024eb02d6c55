import type { Json } from "./constant-value.ts";
import { compare } from "./describe-module.ts";

/** Prints a value as Go's encoding/json does with an indent of two: keys sorted, empty lists and maps on one line. */
export function printJson(value: Json, indent = ""): string {
  const inner = `${indent}  `;
  if (isList(value)) {
    if (value.length === 0) return "[]";
    return `[\n${value.map((each) => `${inner}${printJson(each, inner)}`).join(",\n")}\n${indent}]`;
  }
  if (typeof value !== "object" || value === null) return printScalar(value);
  const entries = Object.entries(value).sort(([a], [b]) => compare(a, b));
  if (entries.length === 0) return "{}";
  const lines = entries.map(([key, each]) => `${inner}${printScalar(key)}: ${printJson(each, inner)}`);
  return `{\n${lines.join(",\n")}\n${indent}}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function printScalar(value: null | boolean | number | string): string {
  return JSON.stringify(value).replace(/[\u2028\u2029]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16)}`);
}
