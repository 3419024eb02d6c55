import { type ChildProcess, spawn } from "node:child_process";
import type { Account } from "./runner-account.ts";
import { onLines } from "./split-lines.ts";

/** A process that has ended may have left its pipes to others: the wait for the last lines is bounded. */
const LAST_LINES_MS = 500;
const KEPT_LINES = 20;

export interface BoundedCommand {
  file: string;
  args: readonly string[];
  cwd: string;
  environment: NodeJS.ProcessEnv;
  /** Undefined: the supervisor's own. */
  account: Account | undefined;
  boundMs: number;
  /** Pipes beyond the three that every process has; their ends here are closed at once. */
  closedPipes?: number;
  /** Called with each line of either stream; `end` sends SIGINT. */
  onLine?: (line: string, end: () => void) => void;
}

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  timedOut: boolean;
  /** Why it could not be started. */
  problem: string | undefined;
  lastLines: readonly string[];
}

/**
 * Runs a program in a process group of its own, which is gone, whatever the program does, when this resolves. Never
 * rejects.
 */
export function runBounded(command: BoundedCommand): Promise<Ending> {
  const lastLines: string[] = [];
  const ending = (change: Partial<Ending>): Ending => ({
    ...{ code: null, signal: null, timedOut: false, problem: undefined, lastLines },
    ...change,
  });
  return new Promise((resolve) => {
    let child: ChildProcess;
    try {
      child = start(command);
    } catch (error: unknown) {
      return resolve(ending({ problem: messageOf(error) }));
    }
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      killGroup(child);
    }, command.boundMs);
    const over = (change: Partial<Ending>): void => {
      clearTimeout(timer);
      killGroup(child);
      resolve(ending({ ...change, timedOut }));
    };
    const keep = (line: string): void => {
      lastLines.push(line);
      if (lastLines.length > KEPT_LINES) lastLines.shift();
      command.onLine?.(line, () => void child.kill("SIGINT"));
    };
    onLines(child.stdout, keep);
    onLines(child.stderr, keep);
    child.once("error", (error) => over({ problem: error.message }));
    child.once("exit", (code, signal) => {
      child.once("close", () => over({ code, signal }));
      setTimeout(() => over({ code, signal }), LAST_LINES_MS);
    });
  });
}

/** Why it counts as failed; undefined for an end with 0. */
export function problemOf(end: Ending): string | undefined {
  if (end.problem !== undefined) return end.problem;
  if (end.timedOut) return "it did not end in time";
  if (end.signal !== null) return `ended by ${end.signal}`;
  return end.code === 0 ? undefined : `ended with ${end.code}`;
}

function start(command: BoundedCommand): ChildProcess {
  const { account, closedPipes = 0 } = command;
  const child = spawn(command.file, command.args, {
    cwd: command.cwd,
    env: command.environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe", ...Array<"pipe">(closedPipes).fill("pipe")],
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  });
  for (const pipe of child.stdio.slice(3)) {
    pipe?.on("error", () => {});
    pipe?.destroy();
  }
  return child;
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // All of it has ended.
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown";
}
