import { isInstalled } from "./find-program.ts";

const BASH = "/bin/bash";

/**
 * What runs as process 1 in the supervisor's place: starts the command it is given, passes SIGTERM and SIGINT on to it,
 * and ends with its exit code. bash waits for every child that it has, also for those that it did not start.
 */
export const INIT_SCRIPT = [
  '"$@" & child=$!',
  `trap 'kill -TERM "$child" 2>/dev/null' TERM INT`,
  'while kill -0 "$child" 2>/dev/null; do wait "$child"; done',
  // bash remembers the code of a child that it has waited for.
  'wait "$child"',
].join("\n");

/**
 * Makes bash process 1 and the supervisor its child, where the supervisor is process 1: what a job's processes leave
 * behind when they end comes to process 1, and Node waits for no process that it did not start. They would stay as
 * zombies, until no process can be started. Does nothing in any other process; does not return where it does something.
 */
export function becomeChildOfInit(environment: NodeJS.ProcessEnv): void {
  if (process.pid !== 1 || process.execve === undefined || !isInstalled(BASH, "")) return;
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  process.execve(BASH, ["bash", "-c", INIT_SCRIPT, "init", ...command], environment);
}
