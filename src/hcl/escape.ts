const SHORT: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * The text between the quotes of an HCL string that has exactly this value. `$${` and `%%{` stand for `${` and `%{`;
 * a `$` or `%` before such a sequence is written as a code point, because `$$${` would begin an interpolation.
 */
export function escapeQuoted(value: string): string {
  if (!value.isWellFormed()) throw new Error("text holds half of a surrogate pair, which HCL (UTF-8) cannot express");
  if (value !== value.normalize("NFC")) {
    throw new Error("text is not in Unicode normal form NFC, which Terraform would change it to: normalise it first");
  }
  return value
    .replace(/[\\"\n\r\t]/g, (character) => String(SHORT[character]))
    .replace(/\p{Cc}|\p{Zl}|\p{Zp}|\uFEFF/gu, codePoint)
    .replace(/([$%])(?=[$%]+\{)/g, codePoint)
    .replace(/([$%])\{/g, "$1$1{");
}

/** The character as a code point, for where it would begin a template by itself. */
export function codePoint(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
