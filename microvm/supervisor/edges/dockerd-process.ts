import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import type { Logger } from "../../../contract/log.ts";
import { dockerPauseMs, frontEndFor } from "../core/docker-start.ts";
import { canRunDocker, dockerdArguments, WITHOUT_NETWORK } from "../core/dockerd-arguments.ts";
import { isInstalled } from "./find-program.ts";
import { findFrontEnds, withFrontEnd } from "./iptables-front-ends.ts";
import { onLines } from "./split-lines.ts";

const POLL_MS = 100;
const PING_MS = 1_000;
const STOP_MS = 10_000;
const LAST_LINES = 20;
const STARTS_OF_EACH = 2;

export interface DockerOptions {
  /** `auto`: when the MicroVM's capabilities allow it and the image has a dockerd. */
  mode: "auto" | "on" | "off";
  command: string;
  environment: NodeJS.ProcessEnv;
  socket: string;
  stateDir: string;
  /** Group that may use the socket: the runner's own, so that no second group is needed. */
  group: number | undefined;
  registryMirrors: readonly string[];
  /** Without it, it can pull images and start no container. */
  network: boolean;
  boundMs: number;
  log: Logger;
}

/** Why dockerd is not to be started; undefined where it is. */
export function reasonToBeOff({ mode, command, environment }: DockerOptions): string | undefined {
  if (mode === "off") return "this image switches it off";
  if (mode === "on") return undefined;
  if (!canRunDocker(procStatus())) return "the image was made without additional OS capabilities";
  return isInstalled(command, environment.PATH ?? "") ? undefined : "this image has no dockerd";
}

export interface StartOutcome {
  /** Empty when the daemon answers. */
  reason: string;
  /** The last daemon ended by itself with an error, as opposed to one that did not answer in time. */
  ended: boolean;
}

/** At most one dockerd, started with a job's arguments. */
export interface Dockerd {
  /**
   * Starts it, again and again with growing pauses, until it answers or `deadline` (Unix time in ms) is over; with the
   * front-end of iptables that answers. `untilProven`: with each front-end in turn, and no longer than it takes to see
   * that it ends by itself, twice with each, whichever it is.
   */
  start(deadline: number, how?: { untilProven: boolean }): Promise<StartOutcome>;
  /** Resolves when it is gone: asked first, then killed. */
  stop(): Promise<void>;
  /** Asks it to end and does not wait. */
  abandon(): void;
}

export function createDockerd(options: DockerOptions): Dockerd {
  const { log, socket } = options;
  let daemon: Daemon | undefined;
  let abandoned = false;
  return {
    async start(deadline, { untilProven } = { untilProven: false }) {
      await mountCgroups(log);
      const found = await findFrontEnds(options.environment, untilProven);
      const frontEnds = untilProven ? found.map(({ name }) => ({ name, answers: true })) : found;
      let outcome: StartOutcome = { reason: "it was not started", ended: false };
      for (let start = 1; !abandoned && Date.now() < deadline; start += 1) {
        const frontEnd = frontEndFor(start, frontEnds);
        daemon = launch(options, frontEnd);
        const next = await becomesReady(daemon, socket, deadline);
        if (next.reason === "") return next;
        // What a daemon died of says more than that the time was over for the one after it.
        outcome = { reason: outcome.ended && !next.ended ? outcome.reason : next.reason, ended: next.ended };
        if (abandoned) break;
        log.warn("docker.not-ready", { start, frontEnd, reason: next.reason });
        for (const line of daemon.lastLines) log.warn("docker.output", { line });
        daemon.child.kill("SIGKILL");
        if (untilProven && next.ended && start >= STARTS_OF_EACH * Math.max(frontEnds.length, 1)) break;
        await pause(Math.max(0, Math.min(dockerPauseMs(start), deadline - Date.now())));
      }
      return outcome;
    },
    async stop() {
      const child = daemon?.child;
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.kill("SIGTERM");
      const killing = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await gone;
      clearTimeout(killing);
    },
    abandon() {
      abandoned = true;
      daemon?.child.kill("SIGTERM");
    },
  };
}

interface Daemon {
  child: ChildProcess;
  lastLines: string[];
  ended(): string | undefined;
}

function launch(options: DockerOptions, frontEnd: string): Daemon {
  const { command, environment, socket, stateDir } = options;
  mkdirSync(stateDir, { recursive: true });
  mkdirSync(dirname(socket), { recursive: true });
  for (const stale of [socket, join(stateDir, "dockerd.pid")]) rmSync(stale, { force: true });
  const args = [...dockerdArguments(options), ...(options.network ? [] : WITHOUT_NETWORK)];
  const child = spawn(command, args, {
    env: withFrontEnd(environment, frontEnd, stateDir),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lastLines: string[] = [];
  let ended: string | undefined;
  const keep = (line: string) => {
    lastLines.push(line);
    if (lastLines.length > LAST_LINES) lastLines.shift();
  };
  onLines(child.stdout, keep);
  onLines(child.stderr, keep);
  child.once("error", (error) => {
    ended = `dockerd cannot be started: ${error.message}`;
  });
  child.once("exit", (code, signal) => {
    ended ??= `dockerd ended with ${code ?? signal}`;
  });
  return { child, lastLines, ended: () => ended };
}

async function becomesReady(daemon: Daemon, socket: string, deadline: number): Promise<StartOutcome> {
  while (Date.now() < deadline) {
    const ended = daemon.ended();
    if (ended !== undefined) return { reason: ended, ended: true };
    if (await ping(socket)) return { reason: "", ended: false };
    await pause(POLL_MS);
  }
  return { reason: "dockerd did not answer in time", ended: false };
}

function ping(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const outgoing = request(
      { socketPath, path: "/_ping", agent: false, signal: AbortSignal.timeout(PING_MS) },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    outgoing.once("error", () => resolve(false));
    outgoing.end();
  });
}

/** Without systemd nobody mounts the hierarchy that containers are put into. */
async function mountCgroups(log: Logger): Promise<void> {
  const root = "/sys/fs/cgroup";
  if (existsSync(join(root, "cgroup.controllers")) || existsSync(join(root, "memory"))) return;
  try {
    await promisify(execFile)("mount", ["-t", "cgroup2", "none", root]);
  } catch (error: unknown) {
    log.warn("docker.no-cgroups", { problem: error instanceof Error ? error.message : "unknown" });
  }
}

function procStatus(): string {
  try {
    return readFileSync("/proc/self/status", "utf8");
  } catch {
    return "";
  }
}
