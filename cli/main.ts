#!/usr/bin/env node
import { resolveAws } from "./aws/resolve-aws.ts";
import { runCli } from "./run-cli.ts";

runCli({
  args: process.argv.slice(2),
  environment: process.env,
  resolveAws,
  now: () => new Date(),
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
}).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`gha-microvm: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  },
);
