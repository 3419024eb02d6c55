import type { Git } from "./git.ts";
import type { Commit } from "./next-version.ts";

/** The commit that is released. */
export interface Source {
  readonly commit: string;
  /** As git writes them in a commit: `Name <address> seconds zone`. */
  readonly committer: string;
  readonly date: Date;
  readonly files: ReadonlyMap<string, Buffer>;
}

/** The last release. */
export interface PreviousRelease {
  readonly version: string;
  readonly commit: string;
  /** The commit that it was made from. */
  readonly source: string;
  readonly files: ReadonlyMap<string, Buffer>;
}

/** Names, in the message of a release's commit, the commit that it was made from. */
export const SOURCE_TRAILER = "Source-Commit";

export async function readSource(git: Git): Promise<Source> {
  const commit = await git.text("rev-parse", "HEAD");
  const raw = await git.text("cat-file", "commit", commit);
  const [, committer = "", seconds = "0"] = /^committer (.*> (\d+) [+-]\d{4})$/m.exec(raw) ?? [];
  return { commit, committer, date: new Date(Number(seconds) * 1000), files: await readFiles(git, commit) };
}

/** The release with the highest version tag, of those that this made. */
export async function readPreviousRelease(git: Git): Promise<PreviousRelease | undefined> {
  const tags = await git.text("tag", "--list", "v*", "--sort=-version:refname");
  for (const tag of tags.split("\n")) {
    const version = /^v(\d+\.\d+\.\d+)$/.exec(tag)?.[1];
    if (version === undefined) continue;
    const commit = await git.text("rev-parse", `${tag}^{commit}`);
    const source = await git.text("show", "-s", `--format=%(trailers:key=${SOURCE_TRAILER},valueonly)`, commit);
    if (source !== "") return { version, commit, source, files: await readFiles(git, commit) };
  }
  return undefined;
}

/** The commits that a release adds to the one before it, oldest first; all that there are for the first. */
export async function commitsSince(git: Git, previous: PreviousRelease | undefined): Promise<Commit[]> {
  const range = previous === undefined ? "HEAD" : `${previous.source}..HEAD`;
  const log = await git.text("log", "--no-merges", "--reverse", "--format=%s%x1f%b%x1e", range);
  return log
    .split("\x1e")
    .map((entry) => entry.trim().split("\x1f"))
    .flatMap(([subject = "", body = ""]) => (subject === "" ? [] : [{ subject, body }]));
}

async function readFiles(git: Git, commit: string): Promise<Map<string, Buffer>> {
  const names = (await git.text("ls-tree", "-r", "-z", "--name-only", commit))
    .split("\0")
    .filter((name) => name !== "");
  const wanted = Buffer.from(names.map((name) => `${commit}:${name}\n`).join(""));
  const output = await git.bytes(["cat-file", "--batch"], wanted);
  const files = new Map<string, Buffer>();
  let at = 0;
  for (const name of names) {
    const headerEnd = output.indexOf("\n", at);
    const size = Number(output.toString("utf8", at, headerEnd).split(" ")[2]);
    files.set(name, output.subarray(headerEnd + 1, headerEnd + 1 + size));
    at = headerEnd + 1 + size + 1;
  }
  return files;
}
