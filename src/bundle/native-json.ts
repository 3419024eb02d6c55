/**
 * Stands in bundles for `json-with-bigint`, which brings its own reader and writer for runtimes that have neither a
 * reviver's `source` nor `JSON.rawJSON`. Whole numbers that a double cannot hold are BigInts, as there.
 */

type ReviverWithSource = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

// What Node has and TypeScript's library does not declare.
const native = JSON as unknown as {
  parse(text: string, reviver: ReviverWithSource): unknown;
  rawJSON(text: string): unknown;
};

const WHOLE = /^-?\d+$/;

export function JSONParse(text: string): unknown {
  return native.parse(text, (_key, value, { source = "" }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && WHOLE.test(source) ? BigInt(source) : value,
  );
}

export function JSONStringify(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "bigint" ? native.rawJSON(String(each)) : each,
  );
}
