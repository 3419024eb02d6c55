import type { Git } from "./git.ts";
import { type PreviousRelease, SOURCE_TRAILER, type Source } from "./read-source.ts";

/** Holds the releases, one commit each, and nothing else. */
export const RELEASE_BRANCH = "registry";

export interface ReleaseCommit {
  readonly version: string;
  readonly source: Source;
  readonly previous: PreviousRelease | undefined;
  readonly tree: ReadonlyMap<string, Buffer>;
  readonly notes: string;
}

/**
 * Adds the commit of a release and its annotated tag to a repository and returns the commit's id. All that is in them
 * comes from the source and the previous release, names and times too, so the same source gives the same ids.
 */
export async function commitRelease(git: Git, release: ReleaseCommit): Promise<string> {
  const { version, source, previous, tree, notes } = release;
  const tag = `v${version}`;
  if ((await git.text("tag", "--list", tag)) !== "")
    throw new Error(`the tag ${tag} exists: a release is never replaced`);
  const branch = await git.text("for-each-ref", "--format=%(objectname)", `refs/heads/${RELEASE_BRANCH}`);
  if (branch !== "" && branch !== previous?.commit) {
    throw new Error(
      `the branch ${RELEASE_BRANCH} is at ${branch}, not at the last release: delete it, or fetch the tags`,
    );
  }
  const message = `Release ${version}\n\n${SOURCE_TRAILER}: ${source.commit}\n`;
  const commit = [
    `commit refs/heads/${RELEASE_BRANCH}`,
    `author ${source.committer}`,
    `committer ${source.committer}`,
    ...data(Buffer.from(message)),
    ...(previous === undefined ? [] : [`from ${previous.commit}`]),
    "deleteall",
    ...[...tree].flatMap(([path, content]) => [`M 100644 inline ${JSON.stringify(path)}`, ...data(content)]),
  ];
  const annotation = [
    `tag ${tag}`,
    `from refs/heads/${RELEASE_BRANCH}`,
    `tagger ${source.committer}`,
    ...data(Buffer.from(`${version}\n\n${notes}\n`)),
  ];
  const lines = [...commit, ...annotation, "done"];
  await git.bytes(
    ["fast-import", "--quiet", "--done"],
    Buffer.concat(lines.flatMap((line) => [Buffer.from(line), LF])),
  );
  return git.text("rev-parse", `${tag}^{commit}`);
}

const LF = Buffer.from("\n");

function data(content: Buffer): (string | Buffer)[] {
  return [`data ${content.length}`, content];
}
