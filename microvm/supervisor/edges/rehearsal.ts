import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Logger } from "../../../contract/log.ts";
import { type RehearsalStep, rehearsalSteps } from "../core/rehearsal-steps.ts";
import type { DockerOptions } from "./dockerd-process.ts";
import { isInstalled } from "./find-program.ts";
import { inTurn } from "./in-turn.ts";
import { runnerEnvironment } from "./listener-process.ts";
import { type RehearsalServer, startRehearsalServer } from "./rehearsal-server.ts";
import { rehearseDocker } from "./rehearse-docker.ts";
import { rehearseListener } from "./rehearse-listener.ts";
import { type Ending, problemOf, runBounded } from "./run-bounded.ts";
import type { Account } from "./runner-account.ts";

const STEP_MS = 30_000;

export interface RehearsalOptions {
  runnerDir: string;
  account: Account | undefined;
  environment: NodeJS.ProcessEnv;
  docker: DockerOptions;
  /** For all of it. */
  boundMs: number;
  /** A Docker that cannot work fails the image; else it is only logged. */
  dockerRequired: boolean;
  log: Logger;
}

/**
 * Plays a whole job without GitHub, in a MicroVM that is thrown away afterwards: what it touches is fetched ahead in
 * each MicroVM of the image (docs/PLATFORM-NOTES.md#snapshots). Nothing leaves the MicroVM. Resolves with whether the
 * image can be used.
 */
export async function rehearse(options: RehearsalOptions): Promise<boolean> {
  const deadline = Date.now() + options.boundMs;
  const directory = mkdtempSync(join(tmpdir(), "rehearsal-"));
  if (options.account !== undefined) chownSync(directory, options.account.uid, options.account.gid);
  let server: RehearsalServer | undefined;
  try {
    server = await startServer(directory, options);
    await rehearsePrograms(server, directory, deadline, options);
    return await judgeDocker(directory, deadline, options);
  } finally {
    server?.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function startServer(directory: string, options: RehearsalOptions): Promise<RehearsalServer | undefined> {
  try {
    return await startRehearsalServer(directory, options.environment);
  } catch (error: unknown) {
    options.log.warn("warm.failed", { name: "server", problem: error instanceof Error ? error.message : "unknown" });
    return undefined;
  }
}

async function rehearsePrograms(
  server: RehearsalServer | undefined,
  directory: string,
  deadline: number,
  options: RehearsalOptions,
): Promise<void> {
  const { runnerDir, account, log } = options;
  const environment = { ...runnerEnvironment(options.environment, account), ...server?.environment };
  const searchPath = environment.PATH ?? "";
  const steps = rehearsalSteps({ runnerDir, directory, origin: server?.origin }).filter(({ file, needs = [] }) =>
    [file, ...needs].every((program) => isInstalled(program, searchPath)),
  );
  const runStep = async (step: RehearsalStep, boundMs: number) => {
    const { file, args, closedPipes = 0 } = step;
    const end = await runBounded({ file, args, cwd: directory, environment, account, boundMs, closedPipes });
    return judge(step, end, server);
  };
  const tasks = [
    ...(server === undefined
      ? []
      : [
          {
            name: "listener-run",
            run: (boundMs: number) => rehearseListener({ runnerDir, account, environment, server, boundMs }),
          },
        ]),
    ...steps.map((step) => ({ name: step.name, run: (boundMs: number) => runStep(step, boundMs) })),
  ];
  await inTurn(tasks, async ({ name, run }) => {
    const startedAt = performance.now();
    const boundMs = Math.min(STEP_MS, deadline - Date.now());
    const problem = boundMs <= 0 ? "there was no time left for it" : await run(boundMs);
    const fields = { name, ms: Math.round(performance.now() - startedAt) };
    if (problem === undefined) log.info("warm.done", fields);
    else log.warn("warm.failed", { ...fields, problem });
  });
}

function judge({ proof }: RehearsalStep, end: Ending, server: RehearsalServer | undefined): string | undefined {
  if (proof === undefined) return problemOf(end);
  if (end.problem !== undefined || end.timedOut) return problemOf(end);
  if (proof === "ends") return undefined;
  return [...(server?.asked ?? [])].some((path) => path.startsWith(proof.asks)) ? undefined : "it made no connection";
}

async function judgeDocker(directory: string, deadline: number, options: RehearsalOptions): Promise<boolean> {
  const { docker, account, dockerRequired, log } = options;
  const { broken } = await rehearseDocker({ docker, directory, account, deadline });
  if (broken === undefined) return true;
  log[dockerRequired ? "error" : "warn"]("warm.failed", {
    name: "dockerd",
    problem: `${broken}, with every front-end of iptables in turn. Set additional_os_capabilities = [] for an image without Docker.`,
  });
  return !dockerRequired;
}
