import { totalmem } from "node:os";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { TERMINATE_WAIT_MS } from "../../contract/hooks.ts";
import { createLogger } from "../../contract/log.ts";
import { parseConfig, processEnvironment } from "./config.ts";
import { memoryTierMib } from "./core/memory-tier.ts";
import { isRescue } from "./core/runner-env.ts";
import { becomeChildOfInit } from "./edges/become-child-of-init.ts";
import { writeBuildkitConfig } from "./edges/buildkit-config.ts";
import { createDockerDaemon } from "./edges/docker-daemon.ts";
import type { DockerOptions } from "./edges/dockerd-process.ts";
import { createFinishProcess, FINISH_ARGUMENT, type FinishOrder } from "./edges/finish-process.ts";
import { serveHooks } from "./edges/hook-server.ts";
import { createJobPage, JOB_NOTE_ARGUMENTS } from "./edges/job-page.ts";
import { createListenerProcess } from "./edges/listener-process.ts";
import { createPerfLog } from "./edges/perf-log.ts";
import { pullImages } from "./edges/pull-images.ts";
import { raiseFileLimit } from "./edges/raise-limits.ts";
import { readOptional } from "./edges/read-optional.ts";
import { rehearse } from "./edges/rehearsal.ts";
import { findAccount } from "./edges/runner-account.ts";
import { createSnapshotWarmer } from "./edges/snapshot-warmer.ts";
import { makeFinishCall } from "./finish-call.ts";
import { answerHook } from "./hooks.ts";
import { supervise } from "./supervise.ts";
import { writeEndNote, writeStartNote } from "./write-job-note.ts";

/** What a hook's answer may still need to leave, before the process ends. */
const LAST_ANSWERS_MS = 1_000;

/** The supervisor ends the wait itself, well before; this is for one that has died. */
const MAX_DOCKER_WAIT_MS = 900_000;

/** Node fires a longer timer at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const log = createLogger();

async function superviseMicrovm(program: string): Promise<void> {
  const environment = processEnvironment();
  const config = parseConfig(environment);
  const account = config.runnerUser === undefined ? undefined : findAccount(config.runnerUser);
  const docker: DockerOptions = {
    mode: config.docker,
    command: config.dockerd,
    environment,
    socket: config.dockerSocket,
    stateDir: config.stateDir,
    group: account?.gid,
    registryMirrors: config.registryMirrors,
    network: true,
    boundMs: config.dockerMs,
    log,
  };
  const supervision = supervise({
    bounds: config,
    runner: createListenerProcess(config.runnerDir, account, environment),
    finish: createFinishProcess(program, config.finishMs, log),
    docker: createDockerDaemon(docker, () =>
      writeBuildkitConfig(account?.home ?? environment.HOME ?? "/root", account, config.registryMirrors, log),
    ),
    jobPage: createJobPage({ stateDir: config.stateDir, node: process.execPath, program, environment, log }),
    perfLog: createPerfLog(config.stateDir, account),
    timers: { set: (ms, callback) => void setTimeout(callback, Math.min(ms, LONGEST_TIMER_MS)) },
    now: () => new Date(),
    memoryMib: config.memoryMib ?? memoryTierMib(totalmem() / 1_024),
    log,
  });
  const { runnerDir, warmMs: boundMs } = config;
  const rescue = () => isRescue(readOptional(config.runnerEnv));
  const warmer = createSnapshotWarmer({
    ...{ runnerDir, account, environment, boundMs, log },
    // With an image that gets away from a refused runner, nothing that jobs can do without is asked for.
    pull: async () => (await pullImages({ docker, images: config.dockerImages, boundMs: config.pullMs })) || rescue(),
    rehearse: () =>
      rehearse({ ...{ runnerDir, account, environment, docker, boundMs, log }, dockerRequired: !rescue() }),
  });
  const deps = { supervision, warmer, log, terminateWait: () => pause(TERMINATE_WAIT_MS) };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => supervision.stop(signal));
  await raiseFileLimit(log);
  const { server, port } = await serveHooks(
    config.hookPort,
    (method, path, body) => answerHook(method, path, body, deps),
    log,
  );
  log.info("hooks.listening", { port });

  await supervision.over;
  await Promise.race([new Promise((resolve) => server.close(resolve)), pause(LAST_ANSWERS_MS)]);
  log.info("supervisor.over");
}

async function callFinish(): Promise<void> {
  // The order comes from the supervisor that started this process, through a pipe that nothing else writes to.
  await makeFinishCall(JSON.parse(await text(process.stdin)) as FinishOrder, log);
}

async function perform(program: string, task: string | undefined, file: string): Promise<void> {
  const write = (line: string) => void process.stdout.write(`${line}\n`);
  switch (task) {
    case undefined:
      return superviseMicrovm(program);
    case FINISH_ARGUMENT:
      return callFinish();
    case JOB_NOTE_ARGUMENTS.started:
      return writeStartNote(file, MAX_DOCKER_WAIT_MS, write);
    case JOB_NOTE_ARGUMENTS.completed:
      return writeEndNote(file, write);
    default:
      throw new Error(`there is no task ${task}`);
  }
}

// A log that nobody reads any more, or an error that nothing foresaw, must not end a job that runs.
process.stdout.on("error", () => {});
process.on("uncaughtException", (error) => log.error("supervisor.unexpected", { problem: error.message }));

becomeChildOfInit(processEnvironment());
const [, program = "", task, file = ""] = process.argv;
perform(program, task, file).then(
  () => process.stdout.write("", () => process.exit(0)),
  (error: unknown) => {
    log.error("supervisor.failed", { problem: error instanceof Error ? error.message : "unknown" });
    process.stdout.write("", () => process.exit(1));
  },
);
