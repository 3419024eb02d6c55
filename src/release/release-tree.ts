import { posix } from "node:path";
import { REPOSITORY_URL } from "../../contract/module-source.ts";
import { stampVersion } from "./stamp-version.ts";

export interface ReleaseInfo {
  readonly version: string;
  /** The commit that is released, for links to what stays behind. */
  readonly sourceCommit: string;
  readonly changelog: string;
}

/** Beside the module itself: what its users read and copy. */
const FOLDERS = ["examples", "docs"];
const FILES = ["LICENSE", "SECURITY.md"];

/**
 * `terraform init` clones the tag; with other line ends the image would have another hash, and its supervisor other
 * bytes.
 */
const GIT_ATTRIBUTES = "# The same bytes on every machine.\n* -text\n";

/**
 * The tree of a release's tag, from the files of the repository by path and what is built for a release alone. The
 * Registry serves the root of a tag, so the module stands there. Its standard structure recommends `main.tf`, but only
 * wants Terraform files at the root; resources may stand in several
 * (https://developer.hashicorp.com/terraform/language/modules/develop/structure).
 */
export function releaseTree(
  files: ReadonlyMap<string, Buffer>,
  info: ReleaseInfo,
  built: Iterable<readonly [path: string, content: Buffer]> = [],
): Map<string, Buffer> {
  const all = new Set(files.keys());
  const tree = new Map<string, Buffer>(built);
  for (const [path, content] of files) {
    const moved = releasedPath(path);
    if (moved !== undefined) tree.set(moved, rewrite(path, content, all, info));
  }
  tree.set(".gitattributes", Buffer.from(GIT_ATTRIBUTES));
  tree.set("CHANGELOG.md", Buffer.from(info.changelog));
  return new Map([...tree].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Where a file or folder of the repository is in the release; undefined when it is not. */
function releasedPath(path: string): string | undefined {
  if (path === "module") return ".";
  if (path.startsWith("module/")) return path.slice("module/".length);
  // Pictures are for this repository's pages, and every `terraform init` would load them.
  if (path.endsWith(".svg")) return undefined;
  if (path === "CHANGELOG.md" || FILES.includes(path)) return path;
  return FOLDERS.some((folder) => path === folder || path.startsWith(`${folder}/`)) ? path : undefined;
}

function rewrite(path: string, content: Buffer, all: ReadonlySet<string>, info: ReleaseInfo): Buffer {
  if (/\.(tf|hcl)$/.test(path)) return Buffer.from(moveSources(path, content.toString()));
  if (!path.endsWith(".md")) return content;
  return Buffer.from(stampVersion(moveLinks(path, content.toString(), all, info.sourceCommit), info.version));
}

function moveSources(path: string, text: string): string {
  return text.replaceAll(/^(\s*source\s*=\s*)"(\.\.?\/[^"]*)"/gm, (_, before: string, source: string) => {
    const target = releasedPath(posix.join(posix.dirname(path), source));
    if (target === undefined) throw new Error(`${path} uses ${source}, which is in no release`);
    const moved = posix.relative(posix.dirname(releasedPath(path) ?? ""), target);
    return `${before}"${moved.startsWith(".") ? moved : `./${moved}`}/"`;
  });
}

/** Links between files of the release stay relative; others lead to the commit that it was made from. */
function moveLinks(path: string, text: string, all: ReadonlySet<string>, commit: string): string {
  return text.replaceAll(/\]\((?![a-z]+:|#)([^)\s#]+)(#[^)\s]*)?\)/g, (_, link: string, anchor = "") => {
    const linked = posix.join(posix.dirname(path), link).replace(/\/$/, "");
    const target = releasedPath(linked);
    if (target !== undefined) {
      return `](${posix.relative(posix.dirname(releasedPath(path) ?? ""), target) || "."}${anchor})`;
    }
    return `](${REPOSITORY_URL}/${all.has(linked) ? "blob" : "tree"}/${commit}/${linked}${anchor})`;
  });
}
