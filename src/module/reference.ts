import type { Expression } from "../hcl/model.ts";
import { printExpression } from "../hcl/print.ts";
import { INPUT_SECTIONS } from "../interface/inputs.ts";
import type { LOCALS } from "./locals.ts";

const INPUT_NAMES = new Set(INPUT_SECTIONS.flatMap(({ entries }) => entries.map(({ name }) => name)));

/** A reference to an input variable, for use in a construct's properties; throws when no such input is declared. */
export function input(name: string): string {
  if (!INPUT_NAMES.has(name)) throw new Error(`no input ${name} is declared in src/interface`);
  return `\${var.${name}}`;
}

/** A reference to a local value, for use in a construct's properties. */
export function local(name: keyof typeof LOCALS): string {
  return `\${local.${name}}`;
}

/** An HCL expression, for use in a construct's properties. */
export function hcl(expression: Expression): string {
  return `\${${printExpression(expression)}}`;
}

/** HCL given as text, for use in a construct's properties. */
export function code(text: string): string {
  return `\${${text}}`;
}
