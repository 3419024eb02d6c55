import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";

export { fencedBlocks } from "../../src/docs/fenced-blocks.ts";

export interface MarkdownFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** Every document of the repository. */
export function markdownFiles(): MarkdownFile[] {
  const exclude = (path: string) => /(^|\/)(node_modules|cdktf\.out|\.git|dist)(\/|$)/.test(path);
  return globSync("**/*.md", { cwd: PROJECT_ROOT, exclude })
    .sort()
    .map((path) => ({ path, text: readProjectFile(path) }));
}

/** A file's text, by its path from the root of the repository. */
export function readProjectFile(path: string): string {
  return readFileSync(join(PROJECT_ROOT, path), "utf8");
}

/** The blocks at the top level of HCL as `terraform fmt` writes it, such as `["module", "gha_runner"]`. */
export function topLevelBlocks(code: string): (readonly [type: string, ...labels: string[]])[] {
  return [...code.matchAll(/^([a-z_]+)((?: "[^"]*")*) \{/gm)].map(([, type = "", labels = ""]) => [
    type,
    ...[...labels.matchAll(/"([^"]*)"/g)].map(([, label = ""]) => label),
  ]);
}

/** Targets of the links outside of code. */
export function linkTargets(text: string): string[] {
  return [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target.replaceAll("\\_", "_"));
}

/** What a link to this document may name after the `#`: headings as GitHub makes anchors of them, and named anchors. */
export function anchors(text: string): Set<string> {
  const headings = [...text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, "").matchAll(/^#{1,6} +(.+)$/gm)];
  const names = [...text.matchAll(/<a name="([^"]+)">/g)];
  return new Set([...headings.map(([, heading = ""]) => slug(heading)), ...names.map(([, name = ""]) => name)]);
}

function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, "")
    .replaceAll(" ", "-");
}

function withoutCode(text: string): string {
  return text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, "").replaceAll(/`[^`\n]*`/g, "");
}
