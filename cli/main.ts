#!/usr/bin/env node
import { resolveAws } from "./aws/resolve-aws.ts";
import { runCli } from "./run-cli.ts";
import { openBrowser } from "./setup/open-browser.ts";
import { openTerminal } from "./setup/terminal.ts";

runCli({
  args: process.argv.slice(2),
  environment: process.env,
  resolveAws,
  now: () => new Date(),
  folder: process.cwd(),
  openTerminal: (aside) => openTerminal({ input: process.stdin, output: aside ? process.stderr : process.stdout }),
  openBrowser,
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
