import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DOCKER_SOCKET } from "../core/dockerd-arguments.ts";
import { createDockerd, type DockerOptions, reasonToBeOff } from "./dockerd-process.ts";
import { problemOf, runBounded } from "./run-bounded.ts";

/** A registry that answers with its rate limit, or a connection that is reset, is asked again after these pauses. */
const PAUSES_MS = [2_000, 10_000, 30_000];
/** The daemon's id, of which each MicroVM's makes its own. */
const IDENTITY = "/var/lib/docker/engine-id";

export interface PullOptions {
  docker: DockerOptions;
  images: readonly string[];
  /** For all of them together. */
  boundMs: number;
}

/**
 * Pulls images before the snapshot, so that every MicroVM has them: dockerd is started without a network of its own,
 * stopped again, and what would be the same in all MicroVMs is removed. Resolves with whether all are there.
 */
export async function pullImages({ docker, images, boundMs }: PullOptions): Promise<boolean> {
  if (images.length === 0) return true;
  const { log } = docker;
  const off = reasonToBeOff(docker);
  if (off !== undefined) {
    log.error("docker.pull-failed", { image: images[0] ?? "", problem: `Docker is off: ${off}` });
    return false;
  }
  const deadline = Date.now() + boundMs;
  const dockerd = createDockerd({ ...docker, network: false });
  try {
    const { reason } = await dockerd.start(Math.min(deadline, Date.now() + docker.boundMs));
    if (reason !== "") {
      log.error("docker.pull-failed", { image: images[0] ?? "", problem: reason });
      return false;
    }
    for (const image of images) if (!(await pull(image, docker, deadline))) return false;
    return true;
  } finally {
    await dockerd.stop();
    for (const left of leftovers(docker.socket)) rmSync(left, { recursive: true, force: true });
  }
}

/** A pid file of containerd would name some other process of the MicroVM after the snapshot. */
function leftovers(socket: string): string[] {
  const run = [socket, join(dirname(socket), "docker/containerd")];
  return socket === DOCKER_SOCKET ? [...run, IDENTITY] : run;
}

async function pull(image: string, docker: DockerOptions, deadline: number): Promise<boolean> {
  const { log, environment, socket } = docker;
  const startedAt = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    const boundMs = Math.max(1, deadline - Date.now());
    const end = await runBounded({
      ...{ file: "docker", args: ["pull", "--quiet", image], cwd: "/", account: undefined, boundMs },
      environment: { ...environment, DOCKER_HOST: `unix://${socket}` },
    });
    const problem = problemOf(end);
    const fields = { image, attempt, ms: Math.round(performance.now() - startedAt) };
    if (problem === undefined) {
      log.info("docker.pulled", fields);
      return true;
    }
    const pauseMs = PAUSES_MS[attempt - 1];
    const said = [problem, ...end.lastLines.slice(-1)].join(": ");
    if (pauseMs === undefined || Date.now() + pauseMs >= deadline) {
      log.error("docker.pull-failed", { ...fields, problem: said });
      return false;
    }
    log.warn("docker.pull-retried", { ...fields, problem: said });
    await pause(pauseMs);
  }
}
