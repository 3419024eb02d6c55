/**
 * A stand-in for the listener of actions/runner: it does what the supervisor can notice (its configuration, its output, its exit
 * codes, its signals, its files) and talks to the GitHub simulator instead of GitHub. `STAND_IN_RUNNER` makes it misbehave:
 * `crash` (dies in its job), `hang` (stays after its job), `deaf` (ignores SIGINT), `retry` (asks to be started again once),
 * `litter` (its job leaves processes without a parent behind).
 */
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Broker, type BrokerMessage, connectBroker, type JobId, RegistrationGoneError } from "./broker-client.ts";
import { deleteIdentity, loadIdentity, saveJitConfig } from "./jit-files.ts";
import { type Job, runJob } from "./run-job.ts";

const VERSION = "2.338.0";
/** Constants.Runner.ReturnCode of actions/runner. */
const EXIT = { success: 0, terminated: 1, retryable: 2 } as const;
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
const shutdown = new AbortController();

function say(text: string): void {
  process.stdout.write(`${text}\n`);
  trace(text);
}

/** With the listener's time stamp, `2026-01-31 08:15:00Z`. */
function stamp(text: string): void {
  say(`${new Date().toISOString().slice(0, 19).replace("T", " ")}Z: ${text}`);
}

function trace(text: string): void {
  mkdirSync(join(root, "_diag"), { recursive: true });
  appendFileSync(join(root, "_diag", `Runner_${process.pid}.log`), `${text}\n`);
}

async function main(): Promise<number> {
  const command = process.argv[2];
  const jitConfig = process.env.ACTIONS_RUNNER_INPUT_JITCONFIG;
  for (const name of Object.keys(process.env)) if (name.startsWith("ACTIONS_RUNNER_INPUT_")) delete process.env[name];
  if (command === "warmup") return EXIT.success;
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
  return listen(connectBroker(identity));
}

function onInterrupt(): void {
  if (misbehaviour === "deaf") return;
  say("Exiting...");
  shutdown.abort();
}

async function listen(broker: Broker): Promise<number> {
  const sessionId = await openSession(broker);
  if (sessionId === undefined) return EXIT.terminated;
  say("");
  say("√ Connected to GitHub");
  say("");
  say(`Current runner version: '${VERSION}'`);
  stamp("Listening for Jobs");
  try {
    const message = await nextJob(broker, sessionId);
    if (message === undefined) return EXIT.success;
    await work(broker, sessionId, message);
    await deleteIdentity(root);
    if (misbehaviour === "hang") await pause(2 ** 31 - 1, undefined, { signal: shutdown.signal }).catch(() => {});
    return EXIT.success;
  } finally {
    await broker.deleteSession(sessionId).catch((error: unknown) => trace(`session not deleted: ${error}`));
  }
}

async function openSession(broker: Broker): Promise<string | undefined> {
  for (;;) {
    try {
      return await broker.createSession();
    } catch (error: unknown) {
      if (error instanceof RegistrationGoneError) {
        process.stderr.write(
          "Failed to create a session. The runner registration has been deleted from the server, please re-configure.\n",
        );
        return undefined;
      }
      if (shutdown.signal.aborted) return undefined;
      stamp(`Runner connect error: ${error instanceof Error ? error.message : error}. Retrying until reconnected.`);
      await pause(500);
    }
  }
}

async function nextJob(broker: Broker, sessionId: string): Promise<Job | undefined> {
  while (!shutdown.signal.aborted) {
    const message = await receive(broker, sessionId, shutdown.signal);
    if (message === "gone") return undefined;
    if (message?.messageType === "job") return message;
  }
  return undefined;
}

async function work(broker: Broker, sessionId: string, job: Job): Promise<void> {
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
    if (!signal.aborted) await pause(200);
    return undefined;
  }
}

process.exitCode = await main();
process.exit();
