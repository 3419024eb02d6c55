import { ref } from "../hcl/build.ts";
import { INPUT_SECTIONS } from "../interface/inputs.ts";
import { asString } from "../synth/hcl-token.ts";
import type { LOCALS } from "./locals.ts";

const INPUT_NAMES = new Set(INPUT_SECTIONS.flatMap(({ entries }) => entries.map(({ name }) => name)));

/** A reference to an input variable, for a text or an expression; throws when no such input is declared. */
export function input(name: string): string {
  if (!INPUT_NAMES.has(name)) throw new Error(`no input ${name} is declared in src/interface`);
  return asString(ref(`var.${name}`));
}

/** A reference to a local value, for a text or an expression. */
export function local(name: keyof typeof LOCALS): string {
  return asString(ref(`local.${name}`));
}
