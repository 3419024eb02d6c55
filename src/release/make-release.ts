import { createHash } from "node:crypto";
import { unzipSync } from "fflate";
import { CLI_FILE } from "../bundle/bundle-cli.ts";
import { BUNDLES, type BundledPackage } from "./bundled-packages.ts";
import { commitRelease } from "./commit-release.ts";
import { composeChangelog, sectionOf } from "./compose-changelog.ts";
import type { Git } from "./git.ts";
import { isHigher, nextVersion, userChanges } from "./next-version.ts";
import { printSbom } from "./print-sbom.ts";
import { commitsSince, type PreviousRelease, readPreviousRelease, readSource, type Source } from "./read-source.ts";
import { releaseTree } from "./release-tree.ts";

export interface ReleaseOptions {
  readonly git: Git;
  /** The module as the sources give it. */
  readonly generated: ReadonlyMap<string, string | Uint8Array>;
  readonly packages: readonly BundledPackage[];
  /** The commands for users, as those of a version. */
  commands(version: string): Promise<string>;
  /** In place of the version that the commits ask for. */
  readonly version?: string | undefined;
}

export interface MadeRelease {
  readonly version: string;
  readonly commit: string;
  readonly tree: ReadonlyMap<string, Buffer>;
  /** What the changelog says of it. */
  readonly notes: string;
  /** What is published beside the tag: users of the module do not download it with every `terraform init`. */
  readonly assets: ReadonlyMap<string, Uint8Array>;
}

/**
 * Makes the next release of the commit that is checked out, in its repository; undefined when users would get nothing
 * new.
 */
export async function makeRelease(options: ReleaseOptions): Promise<MadeRelease | undefined> {
  const { git, generated, packages, commands } = options;
  const source = await readSource(git);
  requireGenerated(source, generated);
  const previous = await readPreviousRelease(git);
  const changes = userChanges(await commitsSince(git, previous));
  const version = options.version ?? nextVersion(previous?.version, changes, moduleChanged(source, previous));
  if (version === undefined) return undefined;
  if (!isHigher(version, previous?.version)) {
    throw new Error(`"${version}" must be a version MAJOR.MINOR.PATCH above ${previous?.version ?? "0.0.0"}`);
  }
  const changelog = composeChangelog({
    version,
    date: source.date,
    changes,
    written: source.files.get("CHANGELOG.md")?.toString() ?? "",
    previous: previous?.files.get("CHANGELOG.md")?.toString() ?? "",
  });
  const notes = sectionOf(changelog, version) ?? "";
  const tree = releaseTree(source.files, { version, sourceCommit: source.commit, changelog }, [
    [CLI_FILE, Buffer.from(await commands(version))],
  ]);
  const commit = await commitRelease(git, { version, source, previous, tree, notes });
  const sbom = printSbom({ version, date: source.date }, deliveredFiles(tree), packages);
  return { version, commit, tree, notes, assets: assetsOf(tree, sbom) };
}

/** A release holds what the sources give, not what was left in `module/`. */
function requireGenerated(source: Source, generated: ReadonlyMap<string, string | Uint8Array>): void {
  const committed = [...source.files.keys()].filter((path) => path.startsWith("module/"));
  const differing = new Set(committed.filter((path) => !generated.has(path.slice("module/".length))));
  for (const [name, content] of generated) {
    if (source.files.get(`module/${name}`)?.equals(Buffer.from(content)) !== true) differing.add(`module/${name}`);
  }
  if (differing.size === 0) return;
  throw new Error(`not what the sources give: ${[...differing].join(", ")}: run "npx projen generate" and commit`);
}

/** Whether Terraform would do anything else with the module than with the previous release. */
function moduleChanged(source: Source, previous: PreviousRelease | undefined): boolean {
  const isCode = (path: string) => /^[^/]+\.(tf|zip)$|^image\//.test(path);
  const now = [...source.files].filter(([path]) => path.startsWith("module/") && isCode(path.slice("module/".length)));
  const before = [...(previous?.files.keys() ?? [])].filter(isCode);
  return (
    now.length !== before.length ||
    now.some(([path, content]) => previous?.files.get(path.slice("module/".length))?.equals(content) !== true)
  );
}

/** What is run, by name, as the bill of materials lists it. */
function deliveredFiles(tree: ReadonlyMap<string, Buffer>): Map<string, Uint8Array> {
  return new Map(
    Object.keys(BUNDLES).map((path): [string, Uint8Array] => {
      const [zip = "", name = ""] = path.split("/");
      const content = name === "" ? tree.get(zip) : unzipSync(tree.get(zip) ?? Buffer.alloc(0))[name];
      if (content === undefined) throw new Error(`the release has no ${path}`);
      return [path, content];
    }),
  );
}

function assetsOf(tree: ReadonlyMap<string, Buffer>, sbom: string): Map<string, Uint8Array> {
  const built = [...tree].filter(([path]) => path === CLI_FILE || /^[^/]+\.zip$/.test(path));
  const sums = [...tree].map(([path, content]) => `${createHash("sha256").update(content).digest("hex")}  ${path}\n`);
  return new Map<string, Uint8Array>([
    ...built,
    ["sbom.cdx.json", Buffer.from(sbom)],
    ["SHA256SUMS", Buffer.from(sums.join(""))],
  ]);
}
