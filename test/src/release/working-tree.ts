import { cp, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PROJECT_ROOT } from "../../../src/bundle/project-root.ts";
import { type Git, openGit } from "../../../src/release/git.ts";

/** A repository of one commit: the files as they are here, committed or not, with the module as the sources give it. */
export async function commitWorkingTree(to: string, generated: ReadonlyMap<string, string | Uint8Array>): Promise<Git> {
  const listed = await openGit(PROJECT_ROOT).text("ls-files", "-z", "--cached", "--others", "--exclude-standard");
  for (const path of listed.split("\0").filter((each) => /^(docs|examples|[^/]+$)/.test(each))) {
    await cp(join(PROJECT_ROOT, path), join(to, path)).catch((error: NodeJS.ErrnoException) => {
      // Git lists what was deleted and not committed yet.
      if (error.code !== "ENOENT") throw error;
    });
  }
  for (const [path, content] of generated) {
    await mkdir(dirname(join(to, "module", path)), { recursive: true });
    await writeFile(join(to, "module", path), content);
  }
  const git = openGit(to);
  await git.text("init", "--quiet", "--initial-branch=main");
  await commitAll(git, "feat: begin");
  return git;
}

/** Commits everything, by one person at one time. */
export async function commitAll(git: Git, subject: string): Promise<void> {
  await git.text("add", "--all");
  const tree = await git.text("write-tree");
  const parents = await git.text("rev-parse", "--verify", "HEAD").then(
    (head) => [`parent ${head}\n`],
    () => [],
  );
  const who = "A Person <person@example.com> 1893553445 +0000";
  const raw = [`tree ${tree}\n`, ...parents, `author ${who}\ncommitter ${who}\n\n${subject}\n`].join("");
  const id = (await git.bytes(["hash-object", "-t", "commit", "-w", "--stdin"], Buffer.from(raw))).toString().trim();
  await git.text("update-ref", "HEAD", id);
}
