import { spawn } from "node:child_process";
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

/** Runs `terraform` once, whatever its exit code; what the user's own TF_ variables say is kept from it. */
export async function runTerraform(
  args: string[],
  { cwd, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Run> {
  const binary = await findTerraform();
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("TF_"));
  const child = spawn(binary, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...Object.fromEntries(inherited), TF_IN_AUTOMATION: "1", TF_CLI_CONFIG_FILE: "/dev/null", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
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
