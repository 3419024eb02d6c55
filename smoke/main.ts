/** `npx projen smoke`: a whole deployment in an account, or with `--lab` the same against the lab. */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { createAccountReader } from "../cli/aws/account-reader.ts";
import { resolveAws } from "../cli/aws/resolve-aws.ts";
import { openTerminal } from "../cli/setup/terminal.ts";
import { UsageError } from "../cli/usage-error.ts";
import { PROJECT_ROOT } from "../src/bundle/project-root.ts";
import { openAccountWorld } from "./account/account-world.ts";
import { KINDS } from "./core/kinds.ts";
import { printReport, problemsOf, reportOf } from "./core/report.ts";
import { type Journal, newJournal, readJournal, removeJournal } from "./journal.ts";
import { rehearse } from "./lab/rehearse.ts";
import { HELP, type Request, readArguments } from "./read-arguments.ts";
import { runStages } from "./run-stages.ts";
import { STAGES } from "./stages/stages.ts";

const FOLDER = join(PROJECT_ROOT, "dist/smoke");
const interruption = new AbortController();
const say = (text: string) => console.log(text);

async function main(): Promise<number> {
  const request = readArguments(process.argv.slice(2));
  if (request === "help") {
    console.log(HELP);
    return 0;
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, interrupt);
  const journal = request.lab ? await inLab(request) : await inAccount(request);
  const report = reportOf(journal, await commitOf(), new Date());
  await writeFile(request.report, `${JSON.stringify(report, undefined, 2)}\n`);
  console.log(`\n${printReport(report)}\n`);
  return problemsOf(report).length === 0 && !interruption.signal.aborted ? 0 : 1;
}

function inLab({ fault, prefix, memoryMib }: Request): Promise<Journal> {
  const file = join(FOLDER, `lab-${process.pid}.json`);
  return rehearse({ ...{ fault, prefix, memoryMib, file, say }, signal: interruption.signal });
}

async function inAccount(request: Request): Promise<Journal> {
  const { prefix, region, profile, repository, appId, key, memoryMib, again } = request;
  const { GITHUB_TOKEN: token } = process.env;
  if (repository === undefined || appId === undefined || key === undefined || !token) {
    throw new UsageError("--repository, --app-id, --key and the variable GITHUB_TOKEN are needed; --help tells more");
  }
  const file = join(FOLDER, `${prefix}.json`);
  const access = await resolveAws({ region, profile });
  const { account } = await createAccountReader(access, process.env).identity();
  const before = await readJournal(file);
  if (before === undefined && again !== undefined) throw new UsageError(`there is no interrupted run of ${prefix}`);
  if (before !== undefined && again === undefined) {
    throw new UsageError(
      `a run of ${prefix} was interrupted: --resume goes on with it, --clean takes away what it left`,
    );
  }
  if (before !== undefined && (before.account !== account || before.region !== access.region)) {
    throw new UsageError(`that run was in account ${before.account}, ${before.region}`);
  }
  const folder = join(FOLDER, prefix);
  const environment = process.env;
  const world = await openAccountWorld({ access, environment, repository, appId, key, token, prefix, folder });
  const journal =
    before ??
    newJournal({ world: "account", account, region: access.region, prefix, repository, memoryMib, now: new Date() });
  const terminal = openTerminal({ input: process.stdin, output: process.stdout });
  try {
    await runStages(STAGES, {
      ...{ world, journal, file, say, kinds: KINDS, cleanOnly: again === "clean", signal: interruption.signal },
      ask: (question) => terminal.ask(question),
    });
  } finally {
    terminal.close();
  }
  // One that could not clean up is kept, to be cleaned up again.
  if (cleaned(journal)) await removeJournal(file);
  return journal;
}

function cleaned(journal: Journal): boolean {
  const left = STAGES.filter(({ name, cleans }) => cleans && journal.stages[name]?.status !== "passed");
  for (const { name } of left) delete journal.stages[name];
  return left.length === 0;
}

/** The first lets everything be taken away; the second ends at once. */
function interrupt(): void {
  if (interruption.signal.aborted) process.exit(130);
  interruption.abort();
  console.error("smoke: ending; what was made is taken away (once more: at once, and --clean later)");
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
