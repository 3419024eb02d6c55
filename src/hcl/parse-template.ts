import { raw } from "./build.ts";
import type { Raw } from "./model.ts";

/**
 * Splits a Terraform template string, as cdktf hands it out, into its texts and `${...}` expressions. `$${` and `%%{` are
 * the texts `${` and `%{`; directives (`%{...}`) are refused.
 */
export function parseTemplate(source: string): (string | Raw)[] {
  const parts: (string | Raw)[] = [];
  let text = "";
  let index = 0;
  while (index < source.length) {
    const escaped = source.startsWith("$${", index) || source.startsWith("%%{", index);
    if (escaped) {
      text += source.slice(index + 1, index + 3);
      index += 3;
    } else if (source.startsWith("${", index)) {
      const end = closingBrace(source, index + 2);
      if (text !== "") parts.push(text);
      text = "";
      parts.push(raw(unnest(source.slice(index + 2, end))));
      index = end + 1;
    } else if (source.startsWith("%{", index)) {
      throw new Error(`template directives are not supported, write an expression instead: ${source}`);
    } else {
      text += source.charAt(index);
      index += 1;
    }
  }
  if (text !== "" || parts.length === 0) parts.push(text);
  return parts;
}

/** Index of the brace that ends the interpolation whose content begins at `start`, minding strings and nested braces. */
function closingBrace(source: string, start: number): number {
  let depth = 1;
  for (let index = start; index < source.length; index += 1) {
    const character = source.charAt(index);
    if (character === '"') index = closingQuote(source, index + 1);
    else if (character === "{") depth += 1;
    else if (character === "}") {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  throw new Error(`interpolation is not closed: ${source}`);
}

function closingQuote(source: string, start: number): number {
  for (let index = start; index < source.length; index += 1) {
    if (source.startsWith("$${", index) || source.startsWith("%%{", index)) index += 2;
    else if (source.startsWith("${", index)) index = closingBrace(source, index + 2);
    else if (source.charAt(index) === "\\") index += 1;
    else if (source.charAt(index) === '"') return index;
  }
  throw new Error(`string is not closed: ${source}`);
}

/** cdktf wraps a token that stands inside another expression a second time: `${f(${x})}` means `f(x)`. */
function unnest(code: string): string {
  let result = "";
  let index = 0;
  while (index < code.length) {
    if (code.charAt(index) === '"') {
      const end = closingQuote(code, index + 1);
      result += code.slice(index, end + 1);
      index = end + 1;
    } else if (code.startsWith("${", index)) {
      const end = closingBrace(code, index + 2);
      result += unnest(code.slice(index + 2, end));
      index = end + 1;
    } else {
      result += code.charAt(index);
      index += 1;
    }
  }
  return result.trim();
}
