import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { HOOK_PORT } from "../../contract/hooks.ts";
import { parseRunnerEnv, RUNNER_ENV_FILE } from "../../contract/runner-env.ts";
import { SAME_USER } from "../../microvm/supervisor/config.ts";
import type { Guest, GuestFactory, GuestInput } from "../aws/microvms/guest.ts";
import {
  dockerfileCommand,
  dockerfileCopies,
  dockerfileEnvironment,
  type Instruction,
  parseDockerfile,
} from "./dockerfile.ts";
import { layOutDocker, layOutRunner } from "./runner-directory.ts";
import { type LogLine, startSupervisor } from "./supervisor-process.ts";

export interface ProcessGuestOptions {
  /** Sees every line of every guest's log. */
  onLine?: (microvmId: string, line: LogLine) => void;
  /** Added to each guest's environment: shorter bounds, or a runner that misbehaves (`STAND_IN_RUNNER`). */
  environment?: Record<string, string>;
  /** Whether a guest has Docker, played by a stand-in; it costs a process more. */
  docker?: boolean;
}

/**
 * Starts guests as processes of this machine: the Dockerfile of the artifact says what is started and with which
 * environment, the supervisor is the artifact's own, and the Actions runner is the stand-in.
 */
export function createProcessGuests(options: ProcessGuestOptions = {}): GuestFactory {
  return {
    async start(input) {
      const root = await mkdtemp(join(tmpdir(), "microvm-"));
      try {
        return await startGuest(root, input, options);
      } catch (error: unknown) {
        await rm(root, { recursive: true, force: true });
        throw error;
      }
    },
  };
}

async function startGuest(root: string, input: GuestInput, options: ProcessGuestOptions): Promise<Guest> {
  const files = unzipSync(input.artifact);
  const dockerfile = files.Dockerfile;
  if (dockerfile === undefined) throw new Error("the artifact holds no Dockerfile at its root");
  const instructions = parseDockerfile(strFromU8(dockerfile));
  if (!instructions.some(({ name, text }) => name === "EXPOSE" && text.split(/\s+/).includes(String(HOOK_PORT)))) {
    throw new Error(`the Dockerfile does not expose the hooks' port ${HOOK_PORT}`);
  }
  const environment = dockerfileEnvironment(instructions);
  const runnerDir = environment.GHA_RUNNER_DIR ?? "/opt/actions-runner";
  const runnerEnv = parseRunnerEnv(strFromU8(files[RUNNER_ENV_FILE] ?? new Uint8Array()));
  await layOutRunner(join(root, runnerDir), runnerEnv?.RUNNER_VERSION);
  if (options.docker === true) await layOutDocker(join(root, "docker"));
  await copyFiles(root, files, instructions);

  const { onLine } = options;
  const supervisor = await startSupervisor({
    command: guestCommand(root, runnerDir, dockerfileCommand(instructions)),
    environment: {
      // Its own commands first: the machine's docker would talk to the machine's daemon.
      PATH: `${join(root, "docker")}:${process.env.PATH ?? "/usr/bin:/bin"}`,
      HOME: root,
      ...environment,
      ...input.environment,
      ...options.environment,
      GHA_RUNNER_DIR: join(root, runnerDir),
      GHA_STATE_DIR: join(root, "run"),
      GHA_MEMORY_MIB: String(input.memoryMib),
      // Never the daemon of the machine, which all guests would share.
      GHA_DOCKER: options.docker === true ? "on" : "off",
      GHA_DOCKERD: join(root, "docker/dockerd"),
      GHA_RUNNER_ENV: join(root, "opt/runner.env"),
      GHA_DOCKER_SOCKET: join(root, "docker.sock"),
      DOCKER_HOST: `unix://${join(root, "docker.sock")}`,
      // The machine need not have the image's account, nor the rights to become it.
      GHA_RUNNER_USER: SAME_USER,
    },
    onLine(line) {
      input.onOutput?.(JSON.stringify(line));
      onLine?.(input.microvmId, line);
    },
  });
  void supervisor.exited.then(() => removeTree(root));
  return { hook: supervisor.hook, exited: supervisor.exited, kill: supervisor.kill };
}

async function copyFiles(root: string, files: Record<string, Uint8Array>, instructions: Instruction[]): Promise<void> {
  for (const { source, destination } of dockerfileCopies(instructions)) {
    const content = files[source];
    if (content === undefined) throw new Error(`the Dockerfile copies ${source}, which the artifact does not hold`);
    const target = join(root, destination.endsWith("/") ? `${destination}${source}` : destination);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
  }
}

/**
 * The Dockerfile's command on this machine: the runner's Node is ours, other absolute paths lie below the guest's root.
 */
function guestCommand(root: string, runnerDir: string, command: string[]): string[] {
  const [node, ...args] = command;
  if (node !== join(runnerDir, "externals/node24/bin/node")) {
    throw new Error(`the Dockerfile starts ${node ?? "nothing"} and not the Node that the runner ships`);
  }
  return [process.execPath, ...args.map((arg) => (arg.startsWith("/") ? join(root, arg) : arg))];
}

/** A runner that was killed a moment ago may still be writing its last line. */
async function removeTree(root: string): Promise<void> {
  await rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }).catch(() => {});
}
