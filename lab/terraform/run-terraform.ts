import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { findTerraform } from "./find-terraform.ts";

/** How one run of `terraform` ended. */
export interface Run {
  command: string;
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** A run of `terraform` that failed; the message holds what it printed. */
export class TerraformError extends Error {
  override readonly name = "TerraformError";
  readonly run: Run;

  constructor(run: Run) {
    super(`${run.command} ended with exit code ${run.exitCode}\n${run.stderr}\n${run.stdout}`.trimEnd());
    this.run = run;
  }
}

/** The run, when it ended well; throws {@link TerraformError} when not. */
export function expectSuccess(run: Run): Run {
  if (run.exitCode !== 0) throw new TerraformError(run);
  return run;
}

/** A run of `terraform` whose output is passed on while it is made. */
export interface LiveRun {
  ended: Promise<Run>;
  /** Lets it end what it is at, as Ctrl-C does; called again, ends it at once. */
  interrupt(): void;
  /** Ends it at once; `ended` rejects then. */
  kill(): void;
}

/** Starts `terraform`; of the caller's environment it gets what is no TF_ variable, and `env`. */
export async function startTerraform(
  args: string[],
  options: { cwd: string; env: Record<string, string>; onOutput?(text: string): void; onError?(text: string): void },
): Promise<LiveRun> {
  // In a process group of its own, so that a terminal's Ctrl-C reaches it through us, and once.
  const child = spawn(await findTerraform(), args, {
    cwd: options.cwd,
    env: environmentOf(options.env),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let interrupted = false;
  return {
    ended: ended(child, args, options),
    interrupt() {
      child.kill(interrupted ? "SIGKILL" : "SIGINT");
      interrupted = true;
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

/** Runs `terraform` once, whatever its exit code; what the user's own TF_ variables say is kept from it. */
export async function runTerraform(
  args: string[],
  { cwd, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Run> {
  const child = spawn(await findTerraform(), args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: environmentOf(env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  return ended(child, args);
}

/** Such as `1.11.4`. */
export async function terraformVersion(): Promise<string> {
  const { stdout } = expectSuccess(await runTerraform(["version", "-json"]));
  return String(JSON.parse(stdout).terraform_version);
}

/**
 * Terraform is a Go program that lives for seconds: collecting its garbage a quarter as often takes it 60 MB more, and
 * a plan of the module 1.1 s of processor time instead of 1.6 s (Terraform 1.11.4).
 */
export const SELDOM_COLLECT = { GOGC: "400" };

function environmentOf(more: Record<string, string>): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("TF_"));
  return {
    ...{ ...SELDOM_COLLECT, ...Object.fromEntries(inherited), TF_IN_AUTOMATION: "1", TF_CLI_CONFIG_FILE: "/dev/null" },
    ...more,
  };
}

function ended(
  child: ChildProcessByStdio<null, Readable, Readable>,
  args: string[],
  listeners: { onOutput?(text: string): void; onError?(text: string): void } = {},
): Promise<Run> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => {
    out.push(chunk);
    listeners.onOutput?.(chunk.toString("utf8"));
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err.push(chunk);
    listeners.onError?.(chunk.toString("utf8"));
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString("utf8");
      if (signal !== null) reject(new Error(`terraform ${args[0]} was ended by ${signal}\n${text(err)}`));
      else
        resolve({ command: `terraform ${args.join(" ")}`, exitCode: code ?? 1, stdout: text(out), stderr: text(err) });
    });
  });
}

/** `terraform fmt -check -recursive` of folders: exit code 0 when all is formatted, else a diff on standard output. */
export async function checkFormat(...folders: string[]): Promise<Run> {
  const args = ["fmt", "-check", "-diff", "-recursive", "-no-color"];
  const runs = await Promise.all(folders.map((folder) => runTerraform([...args, folder])));
  return {
    command: `terraform ${[...args, ...folders].join(" ")}`,
    exitCode: Math.max(...runs.map((each) => each.exitCode)),
    stdout: runs.map((each) => each.stdout).join(""),
    stderr: runs.map((each) => each.stderr).join(""),
  };
}
