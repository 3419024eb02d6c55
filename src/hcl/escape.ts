const SHORT: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * The text between the quotes of an HCL string that has exactly this value. `$${` and `%%{` stand for `${` and `%{`;
 * a `$` or `%` before such a sequence is written as a code point, because `$$${` would begin an interpolation.
 */
export function escapeQuoted(value: string): string {
  assertText(value);
  return value
    .replace(/[\\"\n\r\t]/g, (character) => SHORT[character] ?? character)
    .replace(/\p{Cc}|\p{Zl}|\p{Zp}|\uFEFF/gu, codePoint)
    .replace(/([$%])(?=[$%]+\{)/g, codePoint)
    .replace(/([$%])\{/g, "$1$1{");
}

/** The lines of a heredoc that has exactly this value; throws on what only a quoted string can say. */
export function escapeHeredoc(text: string): string {
  assertText(text);
  if (!text.endsWith("\n")) throw new Error("heredoc text must end with a newline: use a string instead");
  const strange = /(?!\n|\t)\p{Cc}|[$%]{2,}\{/u.exec(text);
  if (strange !== null) {
    throw new Error(`a heredoc cannot hold ${JSON.stringify(strange[0])}: use a string instead`);
  }
  return text.replace(/([$%])\{/g, "$1$1{");
}

function assertText(value: string): void {
  if (!value.isWellFormed()) throw new Error("text holds half of a surrogate pair, which HCL (UTF-8) cannot express");
  if (value !== value.normalize("NFC")) {
    throw new Error("text is not in Unicode normal form NFC, which Terraform would change it to: normalise it first");
  }
}

function codePoint(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
}
