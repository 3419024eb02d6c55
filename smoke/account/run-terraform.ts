import { spawn } from "node:child_process";
import { addAbortListener } from "node:events";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AwsAccess } from "../../cli/aws/resolve-aws.ts";
import type { Environment } from "../../dispatcher/config.ts";
import type { Ran } from "../world.ts";

export interface TerraformRun {
  /** Terraform or OpenTofu, by its name on the PATH. */
  tool: string;
  /** The root module's. */
  folder: string;
  environment: Environment;
  as: AwsAccess;
  /** Aborted: it ends what it is at. */
  signal: AbortSignal;
}

/** Runs it with these credentials and no others. */
export async function runTerraform(args: readonly string[], run: TerraformRun): Promise<Ran> {
  const { accessKeyId, secretAccessKey, sessionToken = "" } = run.as.credentials;
  const { AWS_PROFILE: _, GITHUB_TOKEN: __, ...inherited } = run.environment;
  // Files and no pipes: it would die of one that nobody reads any more, and forget what it has just made.
  const files = { stdout: join(run.folder, "terraform.out"), stderr: join(run.folder, "terraform.err") };
  const [stdout, stderr] = [await open(files.stdout, "w"), await open(files.stderr, "w")];
  try {
    // In a process group of its own, so that a terminal's Ctrl-C reaches it through us, and once.
    const child = spawn(run.tool, args, {
      cwd: run.folder,
      env: {
        ...inherited,
        ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken },
        ...{ AWS_REGION: run.as.region, TF_IN_AUTOMATION: "1" },
      },
      stdio: ["ignore", stdout.fd, stderr.fd],
      detached: true,
    });
    const exitCode = await ended(child, run.signal);
    return {
      exitCode,
      stdout: await readFile(files.stdout, "utf8"),
      stderr: await readFile(files.stderr, "utf8"),
    };
  } finally {
    await stdout.close();
    await stderr.close();
  }
}

function ended(child: ReturnType<typeof spawn>, signal: AbortSignal): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  // Unlike the signal's own listeners, this one also hears of an interrupt that came before.
  const listener = addAbortListener(signal, () => void child.kill("SIGINT"));
  child.on("error", reject);
  child.on("close", (exitCode) => resolve(exitCode ?? 1));
  return promise.finally(() => listener[Symbol.dispose]());
}
