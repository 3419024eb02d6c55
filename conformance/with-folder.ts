import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TemporaryFolder {
  folder: string;
  remove(): Promise<void>;
}

/** A folder that is removed at the end of this process at the latest, an interrupt included. */
export async function makeFolder(name: string): Promise<TemporaryFolder> {
  const folder = await mkdtemp(join(tmpdir(), `conformance-${name}-`));
  const atExit = () => {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // A program that was killed a moment ago may still write into it.
    }
  };
  process.once("exit", atExit);
  return {
    folder,
    async remove() {
      process.off("exit", atExit);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Gives a folder of its own to what is then done, and removes it in the end. */
export async function withFolder<Answer>(name: string, use: (folder: string) => Promise<Answer>): Promise<Answer> {
  const { folder, remove } = await makeFolder(name);
  try {
    return await use(folder);
  } finally {
    await remove();
  }
}
