import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";

export const ACCOUNT = "123456789012";
export const REGION = "eu-west-1";
/** MiniStack takes an access key of twelve digits for the account's number. */
export const CREDENTIALS = { accessKeyId: ACCOUNT, secretAccessKey: "conformance" };

export interface MiniStack {
  endpoint: string;
  /** What it wrote so far. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

const PATIENCE_MS = 120_000;

/**
 * Starts the emulator on 127.0.0.1 alone, without a Docker engine in its reach, and with this project's Node first on
 * its PATH: it runs functions of nodejs24.x on the `node` that it finds. `endpointOfFunctions` is where the functions
 * reach AWS.
 */
export async function startMiniStack(
  program: string,
  folder: string,
  port: number,
  endpointOfFunctions: string,
): Promise<MiniStack> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, "ministack.log");
  const child = spawn(program, [], {
    cwd: folder,
    env: {
      PATH: [join(PROJECT_ROOT, "node_modules/node/bin"), process.env.PATH].join(delimiter),
      HOME: folder,
      TMPDIR: folder,
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      MINISTACK_HOST: "localhost",
      MINISTACK_ACCOUNT_ID: ACCOUNT,
      MINISTACK_REGION: REGION,
      // IAM decides on each call, and functions run under their roles (core/iam_evaluator.py).
      AUTH: "true",
      AWS_ENDPOINT_URL: endpointOfFunctions,
      DOCKER_HOST: `unix://${join(folder, "no-docker.sock")}`,
    },
    stdio: ["ignore", "pipe", "pipe"],
    // In a group of its own: its server and the workers of functions are children that outlive it.
    detached: true,
  });
  const log = createWriteStream(file);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const atExit = () => killGroup(child);
  process.prependOnceListener("exit", atExit);
  const stop = () => {
    process.off("exit", atExit);
    return end(child);
  };
  const endpoint = `http://127.0.0.1:${port}`;
  const ministack = { endpoint, log: () => readFile(file, "utf8"), stop };
  try {
    await untilHealthy(child, endpoint);
    return ministack;
  } catch (error: unknown) {
    await ministack.stop();
    throw new Error(`MiniStack did not start: ${(await ministack.log()).slice(-2_000)}`, { cause: error });
  }
}

async function untilHealthy(child: ChildProcess, endpoint: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await fetch(`${endpoint}/_ministack/health`).catch(() => undefined);
    if (answer?.ok === true) return;
    if (child.exitCode !== null) throw new Error(`it ended in ${child.exitCode}`);
    if (Date.now() > deadline) throw new Error("it answers no health check");
    await sleep(100);
  }
}

function end(child: ChildProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (child.exitCode !== null || child.signalCode !== null) resolve();
  else child.once("exit", () => resolve());
  killGroup(child);
  return promise;
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // Nobody of the group is left.
  }
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once("error", reject);
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject()));
  });
  return await promise;
}
