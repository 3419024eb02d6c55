import { execFile } from "node:child_process";
import { delimiter, dirname } from "node:path";
import { promisify } from "node:util";
import { findTerraform } from "./find-terraform.ts";
import { SELDOM_COLLECT } from "./run-terraform.ts";

/** Runs commands as a reader would type them, `terraform` among them, answering yes; throws when one fails. */
export async function runScript(script: string, cwd: string, env: Record<string, string>): Promise<string> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("TF_"));
  const yes = { TF_CLI_ARGS_apply: "-auto-approve", TF_CLI_ARGS_destroy: "-auto-approve", TF_IN_AUTOMATION: "1" };
  const path = [dirname(await findTerraform()), process.env.PATH].join(delimiter);
  const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], {
    cwd,
    env: { ...SELDOM_COLLECT, ...Object.fromEntries(inherited), ...yes, ...env, PATH: path },
    maxBuffer: 10_000_000,
  });
  return stdout;
}
