import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { RunnerHandlers, RunnerProcess } from "../ports.ts";
import type { Account } from "./runner-account.ts";
import { onLines } from "./split-lines.ts";

/** A job that leaves processes behind leaves them the runner's pipes too: the wait for the last lines is bounded. */
const LAST_LINES_MS = 1_000;

/**
 * The runner's listener, started without run.sh, whose two shells would keep the JIT configuration in their
 * environment. The job can read it all the same: the listener takes the variable out of what it hands on
 * (CommandSettings.cs of actions/runner), but it stays in `/proc/<listener>/environ`, and its files in the runner's
 * directory until the job is over. It is good for this one runner and this one job.
 */
export function createListenerProcess(
  runnerDir: string,
  account: Account | undefined,
  environment: NodeJS.ProcessEnv,
): RunnerProcess {
  let child: ChildProcess | undefined;
  return {
    start({ encodedJitConfig, environment: added }, handlers) {
      try {
        child = spawn(join(runnerDir, "bin/Runner.Listener"), ["run", "--startuptype", "service"], {
          cwd: runnerDir,
          env: {
            ...runnerEnvironment(environment, account),
            ...added,
            ACTIONS_RUNNER_INPUT_JITCONFIG: encodedJitConfig,
            // A version that GitHub refuses then ends with a code of its own.
            ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE: "1",
          },
          stdio: ["ignore", "pipe", "pipe"],
          detached: true,
          ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
        });
      } catch (error: unknown) {
        // Some failures, such as a change of account that is not allowed, are thrown and not emitted.
        const problem = error instanceof Error ? error.message : "unknown";
        setImmediate(() => handlers.onEnd({ problem }));
        return;
      }
      follow(child, handlers);
    },
    signal(signal) {
      if (child?.pid === undefined) return;
      if (signal === "SIGKILL") killGroup(child.pid);
      else if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    },
  };
}

/** The runner's environment: the image's, without what is the supervisor's own, and with the account's. */
export function runnerEnvironment(environment: NodeJS.ProcessEnv, account: Account | undefined): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(
    ([name]) => !name.startsWith("GHA_") && !name.startsWith("ACTIONS_RUNNER_INPUT_"),
  );
  const own = account === undefined ? {} : { HOME: account.home, USER: account.name, LOGNAME: account.name };
  return { LANG: "C.UTF-8", ...Object.fromEntries(kept), ...own };
}

function follow(child: ChildProcess, handlers: RunnerHandlers): void {
  if (child.pid !== undefined) handlers.onStarted(child.pid);
  let ended = false;
  const end = (how: Parameters<RunnerHandlers["onEnd"]>[0]): void => {
    if (ended) return;
    ended = true;
    handlers.onEnd(how);
  };
  onLines(child.stdout, handlers.onLine);
  onLines(child.stderr, handlers.onLine);
  child.once("error", (error) => end({ problem: error.message }));
  child.once("exit", (code, signal) => {
    child.once("close", () => end({ code, signal }));
    setTimeout(() => end({ code, signal }), LAST_LINES_MS);
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error: unknown) {
    // ESRCH: all of it has ended meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
