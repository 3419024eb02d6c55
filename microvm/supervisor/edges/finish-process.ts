import { spawn } from "node:child_process";
import type { Logger } from "../../../contract/log.ts";
import type { FinishCaller } from "../ports.ts";
import { freshNode } from "./fresh-node.ts";

/** Argument with which the supervisor's own file makes the finish call and nothing else. */
export const FINISH_ARGUMENT = "finish-call";

export interface FinishOrder {
  url: string;
  body: unknown;
  /** How long to go on trying. */
  forMs: number;
}

/**
 * Makes the finish call in a process of its own. The supervisor's process was in the snapshot, and with it the state of
 * its random generators: every MicroVM of the image would draw the same TLS keys and the same pauses. A fresh process
 * draws from the kernel (docs/PLATFORM-NOTES.md#snapshots).
 */
export function createFinishProcess(program: string, forMs: number, log: Logger): FinishCaller {
  return {
    call: ({ url, body }) =>
      new Promise<void>((resolve) => {
        const order: FinishOrder = { url, body, forMs };
        const child = spawn(freshNode, [program, FINISH_ARGUMENT], { env: {}, stdio: ["pipe", "inherit", "inherit"] });
        const guard = setTimeout(() => child.kill("SIGKILL"), forMs + 5_000);
        child.once("error", (error) => {
          log.error("finish.failed", { problem: error.message });
          resolve();
        });
        child.once("close", () => {
          clearTimeout(guard);
          resolve();
        });
        child.stdin.on("error", () => {});
        child.stdin.end(JSON.stringify(order));
      }).catch((error: unknown) => {
        log.error("finish.failed", { problem: error instanceof Error ? error.message : "unknown" });
      }),
  };
}
