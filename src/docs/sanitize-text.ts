/**
 * Text as terraform-docs (MIT, template/sanitizer.go) puts it into Markdown, its oddities included: the aim is the same bytes.
 * Go's `\s` is spelled out, because JavaScript's holds more.
 */
const SPACE = String.raw`[\t\n\f\r ]`;
const NOT_SPACE_OR_UNDERSCORE = String.raw`[^\t\n\f\r _]`;

/** Underscores that begin and end emphasis stay. */
const OPENING = new RegExp(`^(${SPACE}*)(_+)(${SPACE}+)`);
const EMPHASIS = new RegExp(
  `(${SPACE}+)(_+)(${NOT_SPACE_OR_UNDERSCORE}.*${NOT_SPACE_OR_UNDERSCORE}|${NOT_SPACE_OR_UNDERSCORE}{2})(_+)(${SPACE}+)`,
);
const KEPT = "\u0000";

/** The text of one cell of a table. */
export function sanitizeCell(text: string, { escaping = true, html = true } = {}): string {
  if (text === "") return "n/a";
  const lineBreak = html ? "<br/>" : " ";
  return bySegments(
    text,
    "```",
    (segment) => normalizeUrls(joinLines(escapeText(segment, escaping, true), lineBreak), escaping),
    (segment, first, last) => {
      const code = segment.trim();
      if (html) return `<pre>${code.replaceAll("\n", "<br/>").replaceAll("\r", "")}</pre>`;
      return `${first ? "" : " "}\`\`\`${oneLine(code).replaceAll("\r", "")}\`\`\`${last ? "" : " "}`;
    },
  );
}

/** Text that stands by itself, such as the header. */
export function sanitizeSection(text: string, { escaping = true } = {}): string {
  return bySegments(
    text,
    "```",
    (segment) => normalizeUrls(escapeText(segment, escaping, false), escaping),
    (segment) => {
      const lastLine = segment.split("\n").at(-1) ?? "";
      return `\`\`\`${segment}${lastLine.trim() === "" ? "" : "\n"}\`\`\``;
    },
  );
}

/** Escapes the underscores of a name. */
export function sanitizeName(name: string, escaping = true): string {
  return escaping ? name.replaceAll("_", "\\_") : name;
}

type Convert = (segment: string, first: boolean, last: boolean) => string;

// Empty segments do not count, so two marks in a row do not close what the first has opened.
function bySegments(text: string, mark: string, normal: Convert, code: Convert): string {
  let inCode = text.startsWith(mark);
  const segments = text.split(mark);
  return segments
    .map((segment, index) => {
      if (segment === "") return "";
      const first = (segments[index - 1] ?? "").trim() === "";
      const last = (segments[index + 1] ?? "").trim() === "";
      const converted = inCode ? code(segment, first, last) : normal(segment, first, last);
      inCode = !inCode;
      return converted;
    })
    .join("");
}

function escapeText(text: string, escaping: boolean, pipes: boolean): string {
  const code = (segment: string) => `\`${segment}\``;
  const piped = pipes ? bySegments(text, "`", (segment) => segment.replaceAll("|", "\\|"), code) : text;
  if (!escaping) return piped;
  return bySegments(piped, "`", (segment) => segment.split("\n").map(escapeLine).join("\n"), code);
}

function escapeLine(line: string): string {
  const keep = (underscores: string) => KEPT.repeat(underscores.length);
  return line
    .replace(OPENING, (_, before: string, marks: string, after: string) => `${before}${keep(marks)}${after}`)
    .replace(
      EMPHASIS,
      (_, before: string, opening: string, middle: string, closing: string, after: string) =>
        `${before}${keep(opening)}${middle}${keep(closing)}${after}`,
    )
    .replaceAll("_", "\\_")
    .replaceAll(KEPT, "_");
}

function joinLines(text: string, lineBreak: string): string {
  return text
    .trim()
    .replace(/([^\t\n\f\r ]*)(\r?\n)([\t\n\f\r ]*)(\w+)/g, "$1  $2$3$4")
    .replaceAll("    \n", "  \n")
    .replaceAll("  \n\n", "\n\n")
    .replaceAll("\n  \n", "\n\n")
    .replaceAll("  \n", lineBreak)
    .replaceAll("\n", lineBreak);
}

function oneLine(code: string): string {
  return code
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => line.replace(/\s*=\s*/g, " = ").trimStart())
    .join(" ");
}

/** What a URL may hold, and what it may end with (mvdan.cc/xurls, strict): a bracket only when it is closed again. */
const END = String.raw`\p{L}\p{M}\p{N}\p{Sc}\p{So}/\-_+&~%=#`;
const MIDDLE = String.raw`${END}*\p{Po}`;
const INSIDE = `(?:(?!")[${MIDDLE}])*`;
const URL = new RegExp(
  String.raw`(?:(?:https?|ftps?|sftp|ssh|git|file|ldaps?|wss?)://|mailto:)(?:${INSIDE}(?:\(${INSIDE}\)|\[${INSIDE}\]|\{${INSIDE}\}|[${END}]))+`,
  "giu",
);

function normalizeUrls(text: string, escaping: boolean): string {
  if (!escaping) return text;
  return [...text.matchAll(URL)].reduce((result, [url]) => result.replaceAll(url, url.replaceAll("\\", "")), text);
}
