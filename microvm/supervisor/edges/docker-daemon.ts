import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import type { Logger } from "../../../contract/log.ts";
import { canRunDocker, dockerdArguments } from "../core/dockerd-arguments.ts";
import type { DockerState } from "../core/job-notes.ts";
import type { Docker } from "../ports.ts";
import { isInstalled } from "./find-program.ts";
import { onLines } from "./split-lines.ts";

const POLL_MS = 100;
const PING_MS = 1_000;
/** On a MicroVM that has just started, dockerd may meet a network that is not there yet and end. */
const MAX_STARTS = 3;
const LAST_LINES = 20;

export interface DockerOptions {
  /** `auto`: when the MicroVM's capabilities allow it and the image has a dockerd. */
  mode: "auto" | "on" | "off";
  command: string;
  searchPath: string;
  socket: string;
  stateDir: string;
  /** Group that may use the socket: the runner's own, so that no second group is needed. */
  group: number | undefined;
  boundMs: number;
  log: Logger;
}

/** dockerd, started for the job and never before the snapshot: its bridge and rules would be another network's. */
export function createDockerDaemon(options: DockerOptions): Docker {
  let child: ChildProcess | undefined;
  let stopped = false;
  const { log } = options;

  const bringUp = async (): Promise<DockerState> => {
    const deadline = Date.now() + options.boundMs;
    let reason = "";
    await mountCgroups(log);
    for (let start = 1; start <= MAX_STARTS && !stopped; start += 1) {
      const daemon = launch(options);
      child = daemon.child;
      reason = await becomesReady(daemon, options.socket, deadline);
      if (reason === "") return { phase: "ready", reason };
      log.warn("docker.not-ready", { start, reason });
      for (const line of daemon.lastLines) log.warn("docker.output", { line });
      daemon.child.kill("SIGKILL");
      if (Date.now() >= deadline) break;
    }
    return { phase: "failed", reason };
  };

  return {
    start(onChange) {
      const off = reasonToBeOff(options);
      if (off !== undefined) {
        log.info("docker.off", { reason: off });
        return onChange({ phase: "off", reason: off });
      }
      onChange({ phase: "starting", reason: "" });
      const startedAt = performance.now();
      bringUp()
        .catch((error: unknown): DockerState => ({ phase: "failed", reason: messageOf(error) }))
        .then((state) => {
          if (stopped) return;
          const fields = { ms: Math.round(performance.now() - startedAt), reason: state.reason };
          if (state.phase === "ready") log.info("docker.ready", fields);
          else log.error("docker.failed", fields);
          onChange(state);
        });
    },
    stop() {
      stopped = true;
      child?.kill("SIGTERM");
    },
  };
}

function reasonToBeOff({ mode, command, searchPath }: DockerOptions): string | undefined {
  if (mode === "off") return "this image switches it off";
  if (mode === "on") return undefined;
  if (!canRunDocker(procStatus())) return "the image was made without additional OS capabilities";
  return isInstalled(command, searchPath) ? undefined : "this image has no dockerd";
}

function procStatus(): string {
  try {
    return readFileSync("/proc/self/status", "utf8");
  } catch {
    return "";
  }
}

interface Daemon {
  child: ChildProcess;
  lastLines: string[];
  ended(): string | undefined;
}

function launch({ command, socket, stateDir, group }: DockerOptions): Daemon {
  mkdirSync(stateDir, { recursive: true });
  mkdirSync(dirname(socket), { recursive: true });
  for (const stale of [socket, join(stateDir, "dockerd.pid")]) rmSync(stale, { force: true });
  const child = spawn(command, dockerdArguments({ socket, group, stateDir }), { stdio: ["ignore", "pipe", "pipe"] });
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

/** Resolves with an empty reason when the daemon answers. */
async function becomesReady(daemon: Daemon, socket: string, deadline: number): Promise<string> {
  while (Date.now() < deadline) {
    const ended = daemon.ended();
    if (ended !== undefined) return ended;
    if (await ping(socket)) return "";
    await pause(POLL_MS);
  }
  return "dockerd did not answer in time";
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
    log.warn("docker.no-cgroups", { problem: messageOf(error) });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown";
}
