import { spawn } from "node:child_process";

/** A git repository, by its folder. */
export interface Git {
  /** Standard output of a git command; throws with its standard error when it fails. */
  text(...args: string[]): Promise<string>;
  bytes(args: readonly string[], input?: Buffer): Promise<Buffer>;
}

/** Runs git in a folder. */
export function openGit(folder: string): Git {
  const bytes = (args: readonly string[], input: Buffer = Buffer.alloc(0)) => run(folder, args, input);
  return { bytes, text: async (...args) => (await bytes(args)).toString().trimEnd() };
}

function run(cwd: string, args: readonly string[], input: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", args, { cwd });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
    // A git that ends early says why on its standard error.
    child.stdin.on("error", () => undefined);
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(Buffer.concat(output));
      else reject(new Error(`git ${args.join(" ")} failed: ${Buffer.concat(errors).toString().trim()}`));
    });
    child.stdin.end(input);
  });
}
