import * as fc from "fast-check";

const KEYS = ["__proto__", "constructor", "prototype", "toString", "length", "then", "toJSON", ""];
const ODD_TEXTS = [
  "",
  "null",
  "[]",
  "{}",
  "\u0000",
  "\ud800",
  "NaN",
  "1e999",
  "-0",
  "9007199254740993",
  `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
  `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`,
  `{"__proto__":{"action":"queued"}}`,
];

/** Any JSON value, with keys and numbers that trip up careless code more often than chance would have them. */
export const jsonValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.dictionary(fc.oneof(fc.constantFrom(...KEYS), fc.string()), fc.jsonValue({ maxDepth: 2 })),
  fc.constantFrom<unknown>(Number.MAX_SAFE_INTEGER + 1, -1, 0, 1e308, 0.5, "x".repeat(5_000), [], {}, null, true),
);

/** Any text: random, JSON, base64, or one of those that broke other parsers. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  jsonValue.map((value) => JSON.stringify(value)),
  fc.base64String({ maxLength: 400 }),
  fc.constantFrom(...ODD_TEXTS),
);

/**
 * Text close to the JSON of a valid document: a value replaced, removed or added somewhere, or the text itself damaged.
 */
export function nearly(valid: unknown): fc.Arbitrary<string> {
  const paths = pathsOf(valid);
  const text = JSON.stringify(valid);
  const at = fc.nat({ max: Math.max(0, text.length - 1) });
  return fc.oneof(
    {
      weight: 5,
      arbitrary: fc.tuple(fc.constantFrom(...paths), jsonValue).map(([path, value]) => withValue(valid, path, value)),
    },
    { weight: 1, arbitrary: fc.constantFrom(...paths).map((path) => withValue(valid, path, undefined)) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom(...KEYS), jsonValue).map(([key, value]) => withKey(text, key, value)),
    },
    { weight: 1, arbitrary: at.map((index) => text.slice(0, index)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(at, fc.string({ unit: "binary", maxLength: 5 }))
        .map(([index, piece]) => text.slice(0, index) + piece + text.slice(index + 1)),
    },
  );
}

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const keys: (string | number)[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [path, ...keys.flatMap((key) => pathsOf(Reflect.get(value, key), [...path, key]))];
}

function withValue(valid: unknown, path: Path, value: unknown): string {
  const [last, ...before] = path.toReversed();
  if (last === undefined) return JSON.stringify(value) ?? "";
  const copy: unknown = structuredClone(valid);
  let target: unknown = copy;
  for (const key of before.toReversed()) target = Reflect.get(Object(target), key);
  Reflect.set(Object(target), last, value);
  return JSON.stringify(copy);
}

// Written into the text, because an object literal would take `__proto__` for itself.
function withKey(text: string, key: string, value: unknown): string {
  return text.replace("{", `{${JSON.stringify(key)}:${JSON.stringify(value)},`);
}

/** Names and values of HTTP headers, as a client may send and `Headers` takes them. */
export const anyHeaders: fc.Arbitrary<Record<string, string>> = fc.dictionary(
  fc.constantFrom(
    "content-type",
    "date",
    "retry-after",
    "x-amzn-errortype",
    "x-amzn-requestid",
    "x-github-delivery",
    "x-github-event",
    "x-hub-signature-256",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
  ),
  fc.oneof(
    fc.string({ unit: "grapheme-ascii", maxLength: 100 }).map((text) => text.trim()),
    fc.constantFrom(
      "application/json",
      "workflow_job",
      "ping",
      "sha256=",
      `sha256=${"0".repeat(64)}`,
      "0",
      "-1",
      "1e9",
    ),
  ),
);

/** An HTTP status that a `Response` with a body can have. */
export const anyStatus: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(200, 201, 301, 400, 401, 402, 403, 404, 409, 422, 429, 500, 502, 503),
  fc.integer({ min: 200, max: 599 }).filter((status) => ![204, 205, 304].includes(status)),
);
