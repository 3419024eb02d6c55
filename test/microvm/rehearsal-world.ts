import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { expect } from "vitest";
import { layOutDocker } from "../../lab/runner/runner-directory.ts";
import type { SupervisorProcess } from "../../lab/runner/supervisor-process.ts";
import { locate } from "../../microvm/supervisor/edges/find-program.ts";
import { createWorld, type World } from "./supervisor-world.ts";

const HOOK_MS = 240_000;
/** What the scripts of stand-ins and of the rehearsal of Docker call. */
const TOOLS = ["bash", "cat", "grep", "mkdir", "sleep", "tar"];

export interface RehearsalWorld {
  readonly world: World;
  /** First on the supervisor's search path. */
  readonly programs: string;
  readonly socket: string;
  program(name: string, script: string): Promise<void>;
  /** With everything that this machine has. */
  start(environment?: Record<string, string>): Promise<SupervisorProcess>;
  /** With stand-ins for Docker and iptables, and little else. */
  startWithDocker(environment?: Record<string, string>): Promise<SupervisorProcess>;
  end(): Promise<void>;
}

export async function createRehearsalWorld(): Promise<RehearsalWorld> {
  const world = await createWorld();
  const programs = join(world.directory, "programs");
  const socket = join(world.directory, "docker.sock");
  await mkdir(programs);
  const program = async (name: string, script: string): Promise<void> => {
    await writeFile(join(programs, name), `#!/bin/bash\n${script}\n`);
    await chmod(join(programs, name), 0o755);
  };
  return {
    world,
    programs,
    socket,
    program,
    start: (environment = {}) =>
      world.start({ PATH: [programs, process.env.PATH ?? ""].join(delimiter), ...environment }),
    async startWithDocker(environment = {}) {
      await layOutDocker(programs);
      for (const frontEnd of ["iptables", "iptables-legacy"]) await program(frontEnd, "exit 0");
      for (const tool of TOOLS) {
        const file = locate(tool, process.env.PATH ?? "");
        if (file === undefined) throw new Error(`this machine has no ${tool}`);
        await symlink(file, join(programs, tool));
      }
      return world.start({
        ...{ PATH: programs, GHA_DOCKER: "on", GHA_DOCKERD: join(programs, "dockerd"), GHA_DOCKER_SOCKET: socket },
        ...environment,
      });
    },
    end: world.end,
  };
}

/** The first answer to a build hook that is not "ask again". */
export async function answerOf(supervisor: SupervisorProcess, hook: "ready" | "validate"): Promise<number> {
  const statuses: number[] = [];
  const ask = async () => {
    const { status } = await supervisor.hook(hook, "", HOOK_MS);
    statuses.push(status);
    return status;
  };
  await expect.poll(ask, { timeout: HOOK_MS }).not.toBe(503);
  return statuses.at(-1) ?? 0;
}

/** Names of what was run to warm the snapshot, by how it went. */
export const warmed = (supervisor: SupervisorProcess, event: "warm.done" | "warm.failed" = "warm.done"): unknown[] =>
  supervisor.lines.filter((line) => line.event === event).map(({ name }) => name);
