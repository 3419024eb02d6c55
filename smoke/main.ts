/** `npx projen smoke`: a whole deployment in an account, or with `--lab` the same against the lab. */
import { execFile } from "node:child_process";
import { open, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { UsageError } from "../cli/usage-error.ts";
import { PROJECT_ROOT } from "../src/bundle/project-root.ts";
import { askPerson } from "./account/ask-person.ts";
import { runInAccount } from "./account/run-in-account.ts";
import { printReport, problemsOf, reportOf } from "./core/report.ts";
import type { Journal } from "./journal.ts";
import { rehearse } from "./lab/rehearse.ts";
import { DEFAULT_MEMORY_MIB, HELP, type Request, readArguments } from "./read-arguments.ts";

const FOLDER = join(PROJECT_ROOT, "dist/smoke");
const interruption = new AbortController();
const say = (text: string) => console.log(text);

async function main(): Promise<number> {
  const request = readArguments(process.argv.slice(2));
  if (request === "help") {
    console.log(HELP);
    return 0;
  }
  await checkWritable(request.report);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, interrupt);
  // A terminal that closes sends it more than once: the shell does, and the kernel.
  process.on("SIGHUP", () => interruption.signal.aborted || interrupt());
  // What is taken away is no less so when the terminal is gone.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  const journal = request.lab
    ? await inLab(request)
    : await runInAccount(request, {
        ...{ environment: process.env, folder: FOLDER, signal: interruption.signal, say },
        ask: (question) => askPerson(question, { input: process.stdin, output: process.stdout }, interrupt),
      });
  const report = reportOf(journal, await commitOf(), new Date());
  console.log(`\n${printReport(report)}\n`);
  await writeFile(request.report, `${JSON.stringify(report, undefined, 2)}\n`);
  return problemsOf(report).length === 0 && !interruption.signal.aborted ? 0 : 1;
}

function inLab({ fault, prefix, memoryMib = DEFAULT_MEMORY_MIB }: Request): Promise<Journal> {
  const file = join(FOLDER, `lab-${process.pid}.json`);
  return rehearse({ ...{ fault, prefix, memoryMib, file, say }, signal: interruption.signal });
}

/** Throws a UsageError: an hour later there would be nowhere to put what was found. */
async function checkWritable(file: string): Promise<void> {
  try {
    await (await open(file, "a")).close();
    if ((await stat(file)).size === 0) await rm(file);
  } catch (error: unknown) {
    throw new UsageError(`--report: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The first lets everything be taken away; the second ends at once. */
function interrupt(): void {
  if (interruption.signal.aborted) process.exit(130);
  interruption.abort();
  console.error("smoke: ending; what was made is taken away, also where npx projen has given the prompt back");
  console.error(`smoke: once more, or kill ${process.pid}: ends at once, and --clean is to do`);
}

async function commitOf(): Promise<string> {
  const { stdout } = await promisify(execFile)("git", ["rev-parse", "HEAD"], { cwd: PROJECT_ROOT });
  return stdout.trim();
}

try {
  process.exitCode = await main();
} catch (error: unknown) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`smoke: ${error.message}`);
  process.exitCode = 2;
}
