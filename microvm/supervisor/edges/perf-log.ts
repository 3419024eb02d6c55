import { chownSync, closeSync, constants, fstatSync, mkdirSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type { PerfLog } from "../ports.ts";
import type { Account } from "./runner-account.ts";

const MAX_BYTES = 65_536;
/** `{hostType}.perf` of HostContext.cs, for the listener and the worker. */
const FILES = ["Runner.perf", "Worker.perf"];

/** The runner's perf log, in a directory of the account's own. Without it the job runs all the same. */
export function createPerfLog(stateDir: string, account: Account | undefined): PerfLog {
  const directory = join(stateDir, "perf");
  return {
    install() {
      try {
        mkdirSync(directory, { recursive: true });
        if (account !== undefined) chownSync(directory, account.uid, account.gid);
        return { RUNNER_PERFLOG: directory };
      } catch {
        return {};
      }
    },
    read: () => FILES.map((name) => readStart(join(directory, name))).join("\n"),
  };
}

/** A job may have put anything there: no link is followed, no pipe waited for, and no more is read than it takes. */
function readStart(file: string): string {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (!fstatSync(descriptor).isFile()) return "";
    const buffer = Buffer.alloc(MAX_BYTES);
    return buffer.toString("utf8", 0, readSync(descriptor, buffer, 0, MAX_BYTES, 0));
  } catch {
    return "";
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
