import { execFile } from "node:child_process";
import type { Logger } from "../../../contract/log.ts";

/**
 * Raises the number of files that this process, and with it the runner, may open: the guest's hard limit of 1,024 is
 * below what builds need. Without CAP_SYS_RESOURCE it stays as it is.
 */
export function raiseFileLimit(log: Logger): Promise<void> {
  return new Promise((resolve) => {
    execFile("prlimit", ["--pid", String(process.pid), "--nofile=65536:1048576"], (error) => {
      if (error !== null) log.info("limits.unchanged", { problem: String(error.code ?? "unknown") });
      resolve();
    });
  });
}
