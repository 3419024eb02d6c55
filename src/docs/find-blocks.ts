/** Where a top-level block of a Terraform file begins: what parsing to JSON loses. */
export interface Block {
  readonly type: string;
  readonly labels: readonly string[];
  /** Counts from 1. */
  readonly line: number;
  /** The comment lines (`#`, `//`) right above the block, without their marks, joined by spaces. */
  readonly comment: string;
}

/** What must be passed over as a whole when braces are counted: comments, heredocs, strings with their templates. */
const HEREDOC = /<<-?([\p{L}_][\p{L}\p{N}_-]*)\r?\n/uy;
const COMMENT = /#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const HEADER = /([\p{L}_][\p{L}\p{N}_-]*)((?:[ \t]+(?:"[^"\n]*"|[\p{L}_][\p{L}\p{N}_-]*))*)[ \t]*\{/uy;

/** Finds the top-level blocks of a file that parses, in order. */
export function findBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  let depth = 0;
  let position = 0;
  while (position < text.length) {
    const header = depth === 0 ? matchAt(HEADER, text, position) : undefined;
    if (header) {
      blocks.push(blockOf(text, position, header));
      position += header[0].length;
      depth = 1;
      continue;
    }
    const end = endOfOpaque(text, position);
    if (end > position) {
      position = end;
      continue;
    }
    if (text[position] === "{") depth++;
    if (text[position] === "}") depth--;
    position++;
  }
  return blocks;
}

function blockOf(text: string, position: number, [, type = "", labels = ""]: RegExpExecArray): Block {
  const before = text.slice(0, position).split("\n");
  return {
    type,
    labels: [...labels.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? ""),
    line: before.length,
    comment: commentAbove(before.slice(0, -1)),
  };
}

// Only lines that begin with the mark count, and a blank line between them and the block parts them from it.
function commentAbove(lines: readonly string[]): string {
  const first = lines.findLastIndex((line) => !/^(#|\/\/)/.test(line)) + 1;
  return lines
    .slice(first)
    .map((line) => line.trim().replace(/^#/, "").replace(/^\/\//, "").trim())
    .join(" ");
}

function endOfOpaque(text: string, position: number): number {
  const comment = matchAt(COMMENT, text, position);
  if (comment) return position + comment[0].length;
  const heredoc = matchAt(HEREDOC, text, position);
  if (heredoc) {
    const closing = new RegExp(String.raw`^[ \t]*${heredoc[1]}[ \t]*\r?$`, "m");
    const body = text.slice(position + heredoc[0].length);
    const end = closing.exec(body);
    return position + heredoc[0].length + (end ? end.index + end[0].length : body.length);
  }
  return text[position] === '"' ? endOfString(text, position) : position;
}

function endOfString(text: string, start: number): number {
  for (let position = start + 1; position < text.length; position++) {
    const rest = text.slice(position, position + 3);
    if (rest.startsWith("\\")) position++;
    else if (rest === "$${" || rest === "%%{") position += 2;
    else if (rest.startsWith("${") || rest.startsWith("%{")) position = endOfTemplate(text, position + 2) - 1;
    else if (rest.startsWith('"')) return position + 1;
  }
  return text.length;
}

function endOfTemplate(text: string, start: number): number {
  let depth = 1;
  let position = start;
  while (position < text.length && depth > 0) {
    const end = endOfOpaque(text, position);
    if (end > position) {
      position = end;
      continue;
    }
    if (text[position] === "{") depth++;
    if (text[position] === "}") depth--;
    position++;
  }
  return position;
}

function matchAt(pattern: RegExp, text: string, position: number): RegExpExecArray | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text) ?? undefined;
}
