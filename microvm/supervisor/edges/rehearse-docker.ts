import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Logger } from "../../../contract/log.ts";
import { createDockerd, type DockerOptions, reasonToBeOff } from "./dockerd-process.ts";
import { isInstalled, locate } from "./find-program.ts";
import { problemOf, runBounded } from "./run-bounded.ts";
import type { Account } from "./runner-account.ts";

const COMMAND_MS = 30_000;
/** docker's static init, the one program that runs in an image without anything else. */
const INIT_PLACES = ["/usr/libexec/docker/docker-init", "/usr/libexec/docker-init", "docker-init"];

export interface DockerRehearsal {
  docker: DockerOptions;
  /** An empty directory, the job's account's own. */
  directory: string;
  account: Account | undefined;
  /** Unix time in ms. */
  deadline: number;
}

/**
 * Starts dockerd as a job's MicroVM does, runs a container and builds an image with nothing that is not in the image,
 * and stops it. Resolves with what proves that Docker cannot work in MicroVMs of this image; a daemon that is slow, or
 * a container that does not run, proves nothing and is only logged.
 */
export async function rehearseDocker(options: DockerRehearsal): Promise<{ broken: string | undefined }> {
  const { docker, deadline } = options;
  const { log } = docker;
  if (reasonToBeOff(docker) !== undefined || !isInstalled(docker.command, docker.environment.PATH ?? "")) {
    return { broken: undefined };
  }
  const dockerd = createDockerd(docker);
  const startedAt = performance.now();
  const { reason, ended } = await dockerd.start(deadline, { untilProven: true });
  const fields = { name: "dockerd", ms: Math.round(performance.now() - startedAt) };
  if (reason !== "") {
    await dockerd.stop();
    if (ended) return { broken: reason };
    log.warn("warm.failed", { ...fields, problem: reason });
    return { broken: undefined };
  }
  log.info("warm.done", fields);
  try {
    await useDocker(options);
  } finally {
    await dockerd.stop();
  }
  return { broken: undefined };
}

async function useDocker({ docker, directory, account, deadline }: DockerRehearsal): Promise<void> {
  const { log, environment, socket } = docker;
  const searchPath = environment.PATH ?? "";
  if (!isInstalled("docker", searchPath)) return;
  const context = join(directory, "docker");
  mkdirSync(context, { recursive: true });
  writeFileSync(join(context, "Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n");
  const init = INIT_PLACES.map((place) => locate(place, searchPath)).find((place) => place !== undefined);
  const importing = (file: string) =>
    `tar -C ${quote(dirname(file))} -cf - docker-init | docker import - rehearsal-base`;
  const steps: [string, string][] = [
    ...(init === undefined || !existsSync(init)
      ? []
      : ([
          ["docker-import", importing(init)],
          ["docker-run", "docker run --rm rehearsal-base /docker-init --version"],
        ] as [string, string][])),
    ["docker-build", `docker build --tag rehearsal-image ${quote(context)}`],
    ["docker-clean", "docker image rm --force rehearsal-base rehearsal-image"],
  ];
  for (const [name, script] of steps) {
    const boundMs = Math.min(COMMAND_MS, deadline - Date.now());
    if (boundMs <= 0) return log.warn("warm.failed", { name, problem: "there was no time left for it" });
    const startedAt = performance.now();
    const end = await runBounded({
      ...{ file: "bash", args: ["-euo", "pipefail", "-c", script], cwd: directory, account, boundMs },
      environment: { ...environment, HOME: directory, DOCKER_HOST: `unix://${socket}` },
    });
    report(log, name, startedAt, problemOf(end), end.lastLines.at(-1));
  }
}

function report(log: Logger, name: string, startedAt: number, problem: string | undefined, said: string | undefined) {
  const fields = { name, ms: Math.round(performance.now() - startedAt) };
  if (problem === undefined) log.info("warm.done", fields);
  else log.warn("warm.failed", { ...fields, problem: said === undefined ? problem : `${problem}: ${said}` });
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
