import { type ChildProcess, spawn } from "node:child_process";
import { request } from "node:http";
import { HOOK_BASE_PATH } from "../../contract/hooks.ts";
import { onLines } from "../../microvm/supervisor/edges/split-lines.ts";

/** One line of the supervisor's log. */
export interface LogLine {
  level: string;
  event: string;
  [field: string]: unknown;
}

export interface SupervisorProcess {
  readonly port: number;
  readonly pid: number;
  /** The log so far. */
  readonly lines: readonly LogLine[];
  /** Resolves with the first line, present or to come, that `matches`; rejects when the process ends without one. */
  waitFor(event: string, matches?: (line: LogLine) => boolean): Promise<LogLine>;
  hook(name: string, body: string, timeoutMs: number): Promise<{ status: number }>;
  readonly exited: Promise<number | null>;
  signal(signal: NodeJS.Signals): void;
  /** Kills it and all that it started, at once, as the end of a MicroVM does. */
  kill(): void;
}

/** Starts a supervisor on a free port and resolves when it serves its hooks. */
export async function startSupervisor(options: {
  command: readonly string[];
  environment: Record<string, string>;
  onLine?: ((line: LogLine) => void) | undefined;
}): Promise<SupervisorProcess> {
  const [file = "", ...args] = options.command;
  const child = spawn(file, args, {
    env: { ...options.environment, GHA_HOOK_PORT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const log = followLog(child, options.onLine);
  const listening = await log.waitFor("hooks.listening");
  const port = Number(listening.port);
  return {
    port,
    pid: child.pid ?? 0,
    lines: log.lines,
    waitFor: log.waitFor,
    hook: (name, body, timeoutMs) => postHook(port, name, body, timeoutMs),
    exited: log.exited,
    signal: (signal) => void child.kill(signal),
    kill: () => killTree(child, log.lines),
  };
}

function followLog(child: ChildProcess, onLine: ((line: LogLine) => void) | undefined) {
  const lines: LogLine[] = [];
  const waiters = new Set<() => void>();
  const wake = () => {
    for (const waiter of waiters) waiter();
  };
  let ended: string | undefined;
  onLines(child.stdout, (text) => {
    const line = parseLine(text);
    lines.push(line);
    onLine?.(line);
    wake();
  });
  onLines(child.stderr, (text) => {
    const line = { level: "error", event: "stderr", text };
    lines.push(line);
    onLine?.(line);
  });
  const exited = new Promise<number | null>((resolve) => {
    const end = (how: string, code: number | null) => {
      ended ??= how;
      wake();
      resolve(code);
    };
    child.once("error", (error) => end(error.message, null));
    child.once("close", (code, signal) => end(`code ${code}, signal ${signal}`, code));
  });
  const waitFor = (event: string, matches: (line: LogLine) => boolean = () => true): Promise<LogLine> =>
    new Promise((resolve, reject) => {
      const look = () => {
        const found = lines.find((line) => line.event === event && matches(line));
        if (found === undefined && ended === undefined) return;
        waiters.delete(look);
        if (found !== undefined) resolve(found);
        else reject(new Error(`the supervisor ended (${ended}) without ${event}: ${JSON.stringify(lines)}`));
      };
      waiters.add(look);
      look();
    });
  return { lines, exited, waitFor };
}

function parseLine(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { level: "error", event: "not-json", text };
  }
}

/** Posts a hook as the platform does; rejects when no answer came in time or the connection was refused. */
export function postHook(port: number, name: string, body: string, timeoutMs: number): Promise<{ status: number }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: "127.0.0.1",
        port,
        path: `${HOOK_BASE_PATH}/${name}`,
        method: "POST",
        agent: false,
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
        signal: AbortSignal.timeout(timeoutMs),
      },
      (response) => {
        response.resume();
        response.once("end", () => resolve({ status: response.statusCode ?? 0 }));
        response.once("error", reject);
      },
    );
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}

/** The runner leads a process group of its own, and what it started is in that. */
function killTree(child: ChildProcess, lines: readonly LogLine[]): void {
  const runners = lines.filter(({ event }) => event === "runner.started").map(({ pid }) => Number(pid));
  for (const pid of [child.pid ?? 0, ...runners]) {
    if (pid <= 1) continue;
    try {
      process.kill(-pid, "SIGKILL");
    } catch (error: unknown) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}
