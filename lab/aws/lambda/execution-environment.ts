import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type InvocationResult, startRuntimeApi } from "./runtime-api.ts";

export interface EnvironmentInput {
  functionArn: string;
  /** The runtime client as JavaScript. */
  runtimeClient: string;
  /** Folder that holds the function's unpacked zip. */
  taskRoot: string;
  variables: Record<string, string>;
  timeoutMs: number;
  onLine(line: string): void;
  onExit(): void;
}

/** One execution environment: a process that handles one event at a time. */
export interface ExecutionEnvironment {
  invoke(requestId: string, event: string): Promise<InvocationResult>;
  kill(): void;
  readonly exited: Promise<void>;
}

/** Lambda gives an on-demand function ten seconds to initialise. */
const INIT_TIMEOUT_MS = 10_000;

/** Starts a Node process with the lab's runtime client and the function's code. */
export async function startExecutionEnvironment(input: EnvironmentInput): Promise<ExecutionEnvironment> {
  const api = await startRuntimeApi(input.functionArn);
  const child = spawn(process.execPath, [input.runtimeClient], {
    cwd: input.taskRoot,
    env: { ...input.variables, AWS_LAMBDA_RUNTIME_API: api.address },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => input.onLine(line));
  }
  let running: string | undefined;
  const exited = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("close", (code, signal) => {
      const how = signal === null ? `exit status ${code}` : "signal: killed";
      api.abort("Runtime.ExitError", `RequestId: ${running ?? ""} Error: Runtime exited with error: ${how}`);
      api.stop();
      input.onExit();
      resolve();
    });
  });
  let initialised: InvocationResult | "ready" | undefined;

  async function initialise(): Promise<InvocationResult | undefined> {
    if (initialised === "ready") return undefined;
    const timer = setTimeout(() => {
      api.abort("Sandbox.Timedout", "Init phase timed out");
      child.kill("SIGKILL");
    }, INIT_TIMEOUT_MS);
    const failure = await api.ready;
    clearTimeout(timer);
    initialised = failure ?? "ready";
    return failure;
  }

  return {
    exited,
    kill: () => void child.kill("SIGKILL"),
    async invoke(requestId, event) {
      running = requestId;
      const failure = await initialise();
      if (failure !== undefined) return failure;
      const timer = setTimeout(() => {
        const seconds = (input.timeoutMs / 1_000).toFixed(2);
        api.abort("Sandbox.Timedout", `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`);
        child.kill("SIGKILL");
      }, input.timeoutMs);
      const result = await api.invoke({ requestId, event, deadlineMs: Date.now() + input.timeoutMs });
      clearTimeout(timer);
      running = undefined;
      return result;
    },
  };
}
