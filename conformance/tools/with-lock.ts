import { readlink, rm, symlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const LOOK_EVERY_MS = 200;

/**
 * Does something while no other process does: `lock` is a link that names the process which holds it, since a link
 * comes into being whole. One whose process is gone is nobody's.
 */
export async function withLock<Answer>(lock: string, act: () => Promise<Answer>): Promise<Answer> {
  while (!(await take(lock))) {
    const holder = await readlink(lock).catch(() => undefined);
    if (holder === undefined) continue;
    if (isAlive(Number(holder))) await sleep(LOOK_EVERY_MS);
    else await rm(lock, { force: true });
  }
  try {
    return await act();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await symlink(String(process.pid), lock);
    return true;
  } catch (error: unknown) {
    if (isSystemError(error) && error.code === "EEXIST") return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error: unknown) {
    return isSystemError(error) && error.code === "EPERM";
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error;
}
