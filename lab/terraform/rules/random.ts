import { randomBytes, randomInt } from "node:crypto";
import type { Problem, ResourceBehaviour, Value, Values } from "../behaviour.ts";
import type { ProviderRules } from "../type-rules.ts";
import { between } from "./checks.ts";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const NUMERIC = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";
/** The alphabet of bcrypt's own base64. */
const BCRYPT = `./${UPPER}${LOWER}${NUMERIC}`;

function pick(alphabet: string, count: number): string[] {
  return Array.from({ length: count }, () => alphabet[randomInt(alphabet.length)] ?? "");
}

function shuffle(characters: string[]): string {
  const left = [...characters];
  return characters.map(() => left.splice(randomInt(left.length), 1)[0] ?? "").join("");
}

function count(value: Value | undefined): number {
  return typeof value === "number" ? value : 0;
}

/** A password as the real provider makes one: the asked-for minimum of each kind, the rest of all kinds that are on. */
export function randomPassword(values: Values): string {
  const special =
    typeof values.override_special === "string" && values.override_special !== "" ? values.override_special : SPECIAL;
  const kinds = [
    { on: values.lower !== false, alphabet: LOWER, least: count(values.min_lower) },
    { on: values.upper !== false, alphabet: UPPER, least: count(values.min_upper) },
    {
      on: values.numeric !== false && values.number !== false,
      alphabet: NUMERIC,
      least: count(values.min_numeric),
    },
    { on: values.special !== false, alphabet: special, least: count(values.min_special) },
  ];
  const least = kinds.flatMap(({ alphabet, least }) => pick(alphabet, least));
  const all = kinds.map(({ on, alphabet }) => (on ? alphabet : "")).join("");
  return shuffle([...least, ...pick(all, count(values.length) - least.length)]);
}

const password: ResourceBehaviour = {
  create(planned) {
    // No bcrypt of the result: a text of bcrypt's form, which nothing can be checked against.
    return { id: "none", result: randomPassword(planned), bcrypt_hash: `$2a$10$${pick(BCRYPT, 53).join("")}` };
  },
};

/** The same random bytes in four spellings. */
const id: ResourceBehaviour = {
  create(planned) {
    const bytes = randomBytes(count(planned.byte_length));
    const prefix = typeof planned.prefix === "string" ? planned.prefix : "";
    const hex = bytes.toString("hex");
    return {
      id: bytes.toString("base64url"),
      b64_url: `${prefix}${bytes.toString("base64url")}`,
      b64_std: `${prefix}${bytes.toString("base64")}`,
      hex: `${prefix}${hex}`,
      dec: `${prefix}${BigInt(`0x${hex}`)}`,
    };
  },
};

function passwordProblems(config: Values): Problem[] {
  const least = ["min_lower", "min_upper", "min_numeric", "min_special"].reduce(
    (sum, name) => sum + count(config[name]),
    0,
  );
  const { length, lower, upper, numeric, special } = config;
  const problems: Problem[] = [];
  if (typeof length === "number" && length < least) {
    problems.push({
      summary: `Attribute length value must be at least sum of min_upper + min_lower + min_numeric + min_special, got: ${length}`,
      attribute: ["length"],
    });
  }
  if ([lower, upper, numeric, special].every((value) => value === false)) {
    problems.push({ summary: "At least one attribute out of [special,upper,lower,numeric] must be specified as true" });
  }
  return problems;
}

/** What hashicorp/random 3 does beyond its schema. */
export const randomRules: ProviderRules = {
  types: {
    random_id: { checks: { byte_length: between(1, 1_024) }, replacedBy: ["keepers", "byte_length", "prefix"] },
    random_password: {
      defaults: {
        lower: true,
        upper: true,
        numeric: true,
        number: true,
        special: true,
        min_lower: 0,
        min_upper: 0,
        min_numeric: 0,
        min_special: 0,
      },
      checks: { length: between(1, 1_000_000) },
      validate: passwordProblems,
      replacedBy: [
        "keepers",
        "length",
        "lower",
        "upper",
        "numeric",
        "number",
        "special",
        "min_lower",
        "min_upper",
        "min_numeric",
        "min_special",
        "override_special",
      ],
    },
  },
  dataSources: () => ({}),
  resources: { random_id: id, random_password: password },
  legacy: false,
};
