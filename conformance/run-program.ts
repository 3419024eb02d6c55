import { spawn } from "node:child_process";

export interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  env?: Readonly<Record<string, string>>;
  stdin?: string;
}

/** A program to its end, with what it wrote; only one that cannot be started is an error. */
export function runProgram(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { promise, resolve, reject } = Promise.withResolvers<Ran>();
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.on("error", reject);
  child.on("close", (status) => resolve({ status, stdout: text(stdout), stderr: text(stderr) }));
  // A program that reads no input may be gone before it is written.
  child.stdin.on("error", () => {});
  child.stdin.end(options.stdin ?? "");
  return promise;
}

const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString("utf8");

/** What it wrote; an error with the end of what it said if it failed. */
export async function mustRun(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { status, stdout, stderr } = await runProgram(command, args, options);
  if (status === 0) return stdout;
  const said = `${stdout}\n${stderr}`.trim().split("\n").slice(-15).join("\n");
  throw new Error(`${[command, ...args].join(" ")} ended in ${status ?? "a signal"}:\n${said}`);
}
