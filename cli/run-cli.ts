import { parseArgs } from "node:util";
import type { Environment } from "../dispatcher/config.ts";
import { createAccountReader } from "./aws/account-reader.ts";
import { createAwsReader } from "./aws/aws-reader.ts";
import { findDeployment } from "./aws/find-deployment.ts";
import { createJobsQueue } from "./aws/jobs-queue.ts";
import { createAskLogs } from "./aws/logs-insights.ts";
import { createPauseFlag } from "./aws/pause-flag.ts";
import type { AwsAccess, AwsChoice } from "./aws/resolve-aws.ts";
import { jobDocument, printJob } from "./core/describe-job.ts";
import { explainJob } from "./core/explain-job.ts";
import { type JobAddress, parseJobAddress } from "./core/job-address.ts";
import { EXIT_CODES } from "./core/job-evidence.ts";
import { findingsDocument, hasFailed, printFindings } from "./core/print-findings.ts";
import { wrap } from "./core/print-rows.ts";
import { costDocument, describeCost, readCost } from "./cost.ts";
import { examine } from "./doctor.ts";
import { HELP, SETUP_HELP } from "./help.ts";
import { type Paused, type PauseOptions, pause, pausedDocument, resume } from "./pause.ts";
import { exitCodeOf, printRetried, retriedDocument, retryJob } from "./retry.ts";
import type { SetupContext, SetupFlags } from "./setup/context.ts";
import { givenOptions, readFlags, SETUP_OPTIONS, type SetupValues } from "./setup/read-flags.ts";
import { remove } from "./setup/remove.ts";
import { rotateKey } from "./setup/rotate-key.ts";
import { runSetup } from "./setup/run-setup.ts";
import { setup } from "./setup/setup.ts";
import type { Terminal } from "./setup/terminal.ts";
import { UsageError } from "./usage-error.ts";
import { VERSION } from "./version.ts";
import { investigate } from "./where.ts";

export interface CliOptions {
  /** Where the command was given. */
  folder: string;
  /** With `aside` it speaks on standard error, and standard output is for a document. */
  openTerminal(aside: boolean): Terminal;
  openBrowser(url: string): void;
  /** How long set-up leaves GitHub alone between two looks. */
  pollMs?: number;
  args: readonly string[];
  environment: Environment;
  resolveAws(choice: AwsChoice): Promise<AwsAccess>;
  now(): Date;
  out(text: string): void;
  err(text: string): void;
}

interface Command {
  options: CliOptions;
  prefix: string;
  json: boolean;
  /** Resolves once the command asks for it. */
  access(): Promise<AwsAccess>;
}

/** Runs one command and answers the exit code; 2: it could not look. */
export async function runCli(options: CliOptions): Promise<number> {
  try {
    return await dispatch(options);
  } catch (error: unknown) {
    if (!(error instanceof UsageError)) throw error;
    options.err(wrap(`gha-microvm: ${error.message}${proxyHint(error.message, options.environment)}`, 80).join("\n"));
    return 2;
  }
}

/** Node.js asks no proxy unless it is told to at its start (Node.js documentation, NODE_USE_ENV_PROXY: 22.21, 24.0). */
function proxyHint(message: string, environment: Environment): string {
  const proxy = environment.HTTPS_PROXY || environment.https_proxy;
  if (!proxy || environment.NODE_USE_ENV_PROXY === "1" || !/no answer|connection failed/.test(message)) return "";
  return "; HTTPS_PROXY is set, and Node.js goes through it only with NODE_USE_ENV_PROXY=1";
}

async function dispatch(options: CliOptions): Promise<number> {
  const { values, positionals } = parse(options.args);
  const [name, ...rest] = positionals;
  if (values.version) {
    options.out(VERSION);
    return 0;
  }
  if (values.help || name === undefined) {
    (values.help ? options.out : options.err)(name === "setup" ? SETUP_HELP : HELP);
    return values.help ? 0 : 2;
  }
  const { region, profile } = values;
  const access = () => options.resolveAws({ region, profile });
  const command = { options, prefix: values["name-prefix"], json: values.json, access };
  if (name === "remove") {
    if (rest.length > 0) throw new UsageError(`remove takes no argument, but was given ${rest.join(" ")}`);
    refuseSetupOptions(name, values);
    return runSetupCommand(command, readFlags({}, values.yes), remove);
  }
  if (name === "setup") {
    if (rest.length > 0) throw new UsageError(`setup takes no argument, but was given ${rest.join(" ")}`);
    return runSetupCommand(command, readFlags(values, values.yes), values["rotate-key"] ? rotateKey : setup);
  }
  refuseSetupOptions(name, values);
  if (name === "doctor") {
    if (rest.length > 0) throw new UsageError(`doctor takes no argument, but was given ${rest.join(" ")}`);
    return doctor(command);
  }
  if (name === "pause") {
    const reason = reasonOf(rest);
    return setPause(command, (options) => pause(options, reason));
  }
  if (name === "resume") {
    if (rest.length > 0) throw new UsageError(`resume takes no argument, but was given ${rest.join(" ")}`);
    return setPause(command, resume);
  }
  if (name === "cost") {
    if (rest.length > 0) throw new UsageError(`cost takes no argument, but was given ${rest.join(" ")}`);
    return cost(command, daysOf(values.days));
  }
  if (name === "where") return where(command, addressOf(name, rest));
  if (name === "retry") return retry(command, addressOf(name, rest));
  throw new UsageError(`there is no command ${name}; write gha-microvm --help`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: args.filter((argument) => argument !== "--"),
      allowPositionals: true,
      options: {
        "name-prefix": { type: "string", default: "gha-microvm" },
        region: { type: "string" },
        profile: { type: "string" },
        days: { type: "string", default: "7" },
        json: { type: "boolean", default: false },
        version: { type: "boolean", default: false },
        yes: { type: "boolean", default: false },
        ...SETUP_OPTIONS,
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error: unknown) {
    // Node's advice about arguments that begin with a dash does not help here.
    const [text = ""] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/);
    throw new UsageError(`${text.replace(/\.$/, "")}; write gha-microvm --help`);
  }
}

function refuseSetupOptions(command: string, values: SetupValues): void {
  const [first] = givenOptions(values);
  if (first !== undefined) throw new UsageError(`--${first} is an option of setup, not of ${command}`);
}

async function runSetupCommand(
  { options, prefix, access, json }: Command,
  flags: SetupFlags,
  run: (context: SetupContext) => Promise<number>,
): Promise<number> {
  const { folder, openBrowser, pollMs, now, environment, out } = options;
  const exitCode = await runSetup({
    ...{ folder, openBrowser, pollMs, now, prefix, flags, run },
    environment: { ...environment },
    access: await access(),
    terminal: options.openTerminal(json),
  });
  if (json) out(JSON.stringify({ version: 1, namePrefix: prefix, exitCode }, undefined, 2));
  return exitCode;
}

async function doctor({ options, prefix, json, access }: Command): Promise<number> {
  const { environment, now, out } = options;
  const aws = createAwsReader(await access(), environment);
  const deployment = await findDeployment(aws, prefix);
  const findings = await examine({ aws, deployment, githubToken: environment.GITHUB_TOKEN || undefined, now });
  out(json ? JSON.stringify(findingsDocument(prefix, findings), undefined, 2) : printFindings(findings));
  return hasFailed(findings) ? 1 : 0;
}

function reasonOf(words: readonly string[]): string {
  const why = words.join(" ").trim();
  if (why === "" || why.length > MAX_REASON) {
    throw new UsageError(`pause takes a reason of at most ${MAX_REASON} characters, such as: pause GitHub is down`);
  }
  return why;
}

const MAX_REASON = 200;

async function setPause(
  { options, prefix, json, access: find }: Command,
  change: (options: PauseOptions) => Promise<Paused>,
): Promise<number> {
  const access = await find();
  const { environment, now, out } = options;
  const deployment = await findDeployment(createAwsReader(access, environment), prefix);
  const flag = createPauseFlag(access, environment, deployment.settings.TABLE_NAME);
  const who = async () => (await createAccountReader(access, environment).identity()).who;
  const paused = await change({ deployment, flag, who, now });
  out(json ? JSON.stringify(pausedDocument(paused), undefined, 2) : paused.text);
  return 0;
}

function daysOf(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new UsageError(`--days must be a whole number from 1 to 999, not ${text}`);
}

async function cost({ options, prefix, json, access: find }: Command, days: number): Promise<number> {
  const access = await find();
  const ask = createAskLogs(access, options.environment);
  const read = await readCost({ ask, prefix, region: access.region, days, now: options.now });
  options.out(json ? JSON.stringify(costDocument(read), undefined, 2) : describeCost(read));
  return 0;
}

function addressOf(command: string, [text = "", ...more]: readonly string[]): JobAddress {
  const address = parseJobAddress(text);
  if (address !== undefined && more.length === 0) return address;
  throw new UsageError(`${command} takes one job: https://github.com/OWNER/REPO/actions/runs/RUN/job/JOB, or its id`);
}

async function where({ options, prefix, json, access }: Command, address: JobAddress): Promise<number> {
  const aws = createAwsReader(await access(), options.environment);
  const deployment = await findDeployment(aws, prefix);
  const githubToken = options.environment.GITHUB_TOKEN || undefined;
  const evidence = await investigate({ aws, deployment, githubToken }, address);
  const conclusion = explainJob(evidence, options.now());
  options.out(json ? JSON.stringify(jobDocument(evidence, conclusion), undefined, 2) : printJob(evidence, conclusion));
  return EXIT_CODES[conclusion.outcome];
}

async function retry({ options, prefix, json, access: find }: Command, address: JobAddress): Promise<number> {
  const { environment } = options;
  const access = await find();
  const aws = createAwsReader(access, environment);
  const deployment = await findDeployment(aws, prefix);
  const queue = createJobsQueue(access, environment, deployment.settings.QUEUE_URL);
  const githubToken = environment.GITHUB_TOKEN || undefined;
  const retried = await retryJob({ aws, deployment, githubToken, queue }, address);
  options.out(json ? JSON.stringify(retriedDocument(retried), undefined, 2) : printRetried(retried));
  return exitCodeOf(retried);
}
