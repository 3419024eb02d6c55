import { spawn } from "node:child_process";

export interface StandInProcess {
  pid: number;
  end(): void;
}

/**
 * A process that does nothing, whose id Terraform is given as that of the provider. The id must be of a living process:
 * when it is not, Terraform's plugin client cancels every call that is under way at its next look, once a second
 * (go-plugin, `pidWait`). It must not be our own either: when the provider's address cannot be reached, Terraform kills
 * that process.
 */
export function startStandInProcess(): StandInProcess {
  // It ends with us, because its standard input does; a terminal's Ctrl-C, after which there is still something to destroy, does
  // not reach it in a process group of its own.
  const child = spawn("cat", { stdio: ["pipe", "ignore", "ignore"], detached: true });
  child.on("error", () => undefined);
  child.stdin.on("error", () => undefined);
  if (child.pid === undefined) throw new Error("cannot start cat, whose process id the lab's providers are known by");
  // It does not keep our process alive.
  child.unref();
  return { pid: child.pid, end: () => child.stdin.destroy() };
}
