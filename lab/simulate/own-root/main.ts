/** `npx projen lab -- plan|apply|destroy|shell DIR`: Terraform on a root module of one's own, against the lab. */
import { TerraformMissingError, TerraformTooOldError } from "../../terraform/find-terraform.ts";
import { openShell } from "./open-shell.ts";
import { HELP, readArguments, UsageError } from "./read-arguments.ts";
import { tryRoot } from "./try-root.ts";

const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => interruption.abort());

async function main(): Promise<number> {
  const request = readArguments(process.argv.slice(2), process.cwd());
  if (request === "help") {
    console.log(HELP);
    return 0;
  }
  return tryRoot(request, {
    environment: process.env,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    signal: interruption.signal,
    shell: openShell,
  });
}

const EXPECTED = [UsageError, TerraformMissingError, TerraformTooOldError];

main().then(
  (code) => {
    process.exitCode = interruption.signal.aborted ? 130 : code;
  },
  (error: unknown) => {
    const expected = EXPECTED.some((type) => error instanceof type);
    const text = error instanceof Error ? (expected ? error.message : (error.stack ?? error.message)) : String(error);
    process.stderr.write(`lab: ${text}\n`);
    process.exitCode = expected ? 2 : 1;
  },
);
