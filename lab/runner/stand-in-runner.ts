/**
 * A stand-in for the listener of actions/runner: it does what the supervisor can notice (its configuration, its output,
 * its exit codes, its signals, its files) and talks to the GitHub simulator instead of GitHub. `STAND_IN_RUNNER` makes
 * it misbehave: `crash` (dies in its job), `hang` (stays after its job), `deaf` (ignores SIGINT), `retry` (asks to be
 * started again once), `litter` (its job leaves processes without a parent behind), `refused` (GitHub calls its version
 * too old; `refused:1`: and it knows no exit code for that; `refused:silent`: it just never gets a job),
 * `connect-error:N` (its first N connections fail).
 */
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  type Broker,
  type BrokerMessage,
  connectBroker,
  type JobId,
  RegistrationGoneError,
  RunnerTooOldError,
  SessionConflictError,
} from "./broker-client.ts";
import { deleteIdentity, loadIdentity, saveJitConfig } from "./jit-files.ts";
import { type Job, runJob } from "./run-job.ts";
import { VERSION_FILE } from "./version-file.ts";

/** Constants.Runner.ReturnCode of actions/runner. */
const EXIT = { success: 0, terminated: 1, retryable: 2, sessionConflict: 5, versionDeprecated: 7 } as const;
/**
 * Pause after a session that could not be created, and how often a conflict is retried (BrokerMessageListener.cs: 4
 * minutes).
 */
const SESSION_RETRY_MS = 30_000;
const MAX_CONFLICTS = 8;
/** What the listener says for GitHub's conclusions. */
const RESULTS: Record<string, string> = {
  success: "Succeeded",
  failure: "Failed",
  cancelled: "Canceled",
};

/** Each of them says so when it ends. */
const LITTER = "for _ in {1..20}; do (bash -c 'sleep 0.2; printf . >> orphans' &); done";

const root = process.cwd();
const misbehaviour = process.env.STAND_IN_RUNNER ?? "";
const version = readFileSync(join(root, VERSION_FILE), "utf8").trim();
const shutdown = new AbortController();

function say(text: string): void {
  process.stdout.write(`${text}\n`);
  trace(text);
}

/** On the other stream, where the listener writes its errors. */
function complain(text: string): void {
  process.stderr.write(`${text}\n`);
  trace(text);
}

/** The listener's time stamp, `2026-01-31 08:15:00Z`. */
function time(): string {
  return `${new Date().toISOString().slice(0, 19).replace("T", " ")}Z`;
}

function stamp(text: string): void {
  say(`${time()}: ${text}`);
}

function trace(text: string): void {
  mkdirSync(join(root, "_diag"), { recursive: true });
  appendFileSync(join(root, "_diag", `Runner_${process.pid}.log`), `${text}\n`);
}

/** The time of a milestone, where the runner is asked to note them (HostContext.cs). */
function milestone(counter: string, of: "Runner" | "Worker" = "Runner"): void {
  const directory = process.env.RUNNER_PERFLOG ?? "";
  if (directory === "") return;
  mkdirSync(directory, { recursive: true });
  appendFileSync(join(directory, `${of}.perf`), `${counter.replaceAll(":", "_")}:${new Date().toISOString()}\n`);
}

async function main(): Promise<number> {
  milestone("RunnerProcessStarted");
  const command = process.argv[2];
  const jitConfig = process.env.ACTIONS_RUNNER_INPUT_JITCONFIG;
  for (const name of Object.keys(process.env)) if (name.startsWith("ACTIONS_RUNNER_INPUT_")) delete process.env[name];
  if (command === "warmup") return EXIT.success;
  if (command === "--version") {
    say(version);
    return EXIT.success;
  }
  if (command !== "run") return EXIT.success;
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onInterrupt);
  if (jitConfig !== undefined && jitConfig !== "") await saveJitConfig(root, jitConfig);
  const identity = await loadIdentity(root);
  if (identity === undefined) {
    process.stderr.write("Runner is not configured.\n");
    return EXIT.terminated;
  }
  if (misbehaviour === "retry" && !existsSync(join(root, ".retried"))) {
    writeFileSync(join(root, ".retried"), "");
    process.stderr.write("An error occured: the service is not available\n");
    return EXIT.retryable;
  }
  return listen(connectBroker(identity, version), identity.ephemeral);
}

function onInterrupt(): void {
  if (misbehaviour === "deaf") return;
  say("Exiting...");
  shutdown.abort();
}

async function listen(broker: Broker, ephemeral: boolean): Promise<number> {
  const session = await openSession(broker);
  if (typeof session === "number") return session;
  const { sessionId } = session;
  milestone("SessionCreated");
  say("");
  say("√ Connected to GitHub");
  say("");
  say(`Current runner version: '${version}'`);
  stamp("Listening for Jobs");
  let jobDone = false;
  try {
    const message = await nextJob(broker, sessionId);
    if (message === undefined) return EXIT.success;
    await work(broker, sessionId, message);
    jobDone = true;
    if (misbehaviour === "hang") await pause(2 ** 31 - 1, undefined, { signal: shutdown.signal }).catch(() => {});
    return EXIT.success;
  } catch (error: unknown) {
    if (!(error instanceof RunnerTooOldError)) throw error;
    complain(`An error occurred: ${error.message}`);
    const asked = /^(1|true)$/i.test(process.env.ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE ?? "");
    return asked && misbehaviour !== "refused:1" ? EXIT.versionDeprecated : EXIT.terminated;
  } finally {
    await broker.deleteSession(sessionId).catch((error: unknown) => trace(`session not deleted: ${error}`));
    if (ephemeral && jobDone) await deleteIdentity(root);
  }
}

/** The session, or the code to exit with. */
async function openSession(broker: Broker): Promise<{ sessionId: string } | number> {
  let conflicts = 0;
  let complained = false;
  for (;;) {
    try {
      failToConnect();
      return { sessionId: await broker.createSession() };
    } catch (error: unknown) {
      if (error instanceof RegistrationGoneError) {
        complain(
          "Failed to create a session. The runner registration has been deleted from the server, please re-configure.",
        );
        return EXIT.terminated;
      }
      if (error instanceof SessionConflictError) {
        complain("A session for this runner already exists.");
        conflicts += 1;
        if (conflicts >= MAX_CONFLICTS) return EXIT.sessionConflict;
      }
      const problem = error instanceof Error ? error.message : String(error);
      if (!complained) complain(`${time()}: Runner connect error: ${problem}. Retrying until reconnected.`);
      complained = true;
      await pause(SESSION_RETRY_MS, undefined, { signal: shutdown.signal }).catch(() => {});
      if (shutdown.signal.aborted) return EXIT.success;
    }
  }
}

/** Counts in a file: each start of the runner is another process. */
function failToConnect(): void {
  const wanted = Number(/^connect-error:(\d+)$/.exec(misbehaviour)?.[1] ?? 0);
  const file = join(root, "_diag", "connect-errors");
  const failed = existsSync(file) ? readFileSync(file, "utf8").length : 0;
  if (failed >= wanted) return;
  mkdirSync(join(root, "_diag"), { recursive: true });
  appendFileSync(file, ".");
  throw new Error("Resource temporarily unavailable (broker.actions.githubusercontent.com:443)");
}

async function nextJob(broker: Broker, sessionId: string): Promise<Job | undefined> {
  if (misbehaviour === "refused" || misbehaviour === "refused:1") {
    throw new RunnerTooOldError(`Runner version v${version} is deprecated and cannot receive messages.`);
  }
  if (misbehaviour === "refused:silent") {
    await pause(2 ** 31 - 1, undefined, { signal: shutdown.signal }).catch(() => {});
  }
  while (!shutdown.signal.aborted) {
    const message = await receive(broker, sessionId, shutdown.signal);
    if (message === "gone") return undefined;
    if (message?.messageType === "job") return message;
  }
  return undefined;
}

async function work(broker: Broker, sessionId: string, job: Job): Promise<void> {
  for (const counter of ["MessageReceived_RunnerJobRequest", "JobRequestRenewed_1", "StartingWorkerProcess"]) {
    milestone(counter);
  }
  for (const counter of ["WorkerProcessStarted", "WorkerJobInitialized_1"]) milestone(counter, "Worker");
  stamp(`Running job: ${job.name}`);
  if (misbehaviour === "crash") process.abort();
  if (misbehaviour === "litter") spawn("bash", ["-c", LITTER]);
  const cancelled = new AbortController();
  const over = new AbortController();
  shutdown.signal.addEventListener("abort", () => cancelled.abort());
  if (shutdown.signal.aborted) cancelled.abort();
  const watch = watchForCancel(broker, sessionId, job.jobId, cancelled, over.signal);
  const result = await runJob(root, job, broker, cancelled.signal);
  over.abort();
  await watch;
  // A result that GitHub will not take is lost; the runner ends all the same.
  await broker
    .completeJob(job.jobId, sessionId, result)
    .catch((error: unknown) => trace(`job not completed: ${error}`));
  stamp(`Job ${job.name} completed with result: ${RESULTS[result] ?? "Failed"}`);
}

async function watchForCancel(
  broker: Broker,
  sessionId: string,
  jobId: JobId,
  cancelled: AbortController,
  over: AbortSignal,
): Promise<void> {
  while (!over.aborted) {
    const message = await receive(broker, sessionId, over);
    if (message === "gone") return;
    if (message?.messageType === "cancel" && message.jobId === jobId) cancelled.abort();
  }
}

async function receive(
  broker: Broker,
  sessionId: string,
  signal: AbortSignal,
): Promise<BrokerMessage | "gone" | undefined> {
  try {
    return await broker.nextMessage(sessionId, signal);
  } catch (error: unknown) {
    if (error instanceof RegistrationGoneError) return "gone";
    if (error instanceof RunnerTooOldError) throw error;
    if (!signal.aborted) await pause(200);
    return undefined;
  }
}

process.exitCode = await main();
process.exit();
