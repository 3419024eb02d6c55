import { HOOK_PORT } from "../../contract/hooks.ts";
import { DOCKER_SOCKET } from "./core/dockerd-arguments.ts";

/** What the supervisor is told by the image: every variable has a default, the Dockerfile sets those that matter. */
export interface SupervisorConfig {
  /** Where the Actions runner is unpacked. */
  readonly runnerDir: string;
  /** Account that runs the runner; undefined: the supervisor's own. */
  readonly runnerUser: string | undefined;
  /** 0: any free port, named in the `hooks.listening` line. */
  readonly hookPort: number;
  /** A runner that has got no job after this long is ended. */
  readonly jobWaitMs: number;
  /** A runner that has not exited this long after its job is ended. */
  readonly afterJobMs: number;
  /** What a runner gets between SIGINT and SIGKILL, to cancel its job and say so to GitHub. */
  readonly stopGraceMs: number;
  /** Pause before a runner that asked for it is started again. */
  readonly restartMs: number;
  /** How long the finish call is retried. */
  readonly finishMs: number;
  /** Bound of each command that warms the snapshot, and of the rehearsal of a job as a whole. */
  readonly warmMs: number;
  /** The build context's file that says which runner is in the image, and why it was built. */
  readonly runnerEnv: string;
  /** Where the supervisor keeps what the runner's job hooks read. */
  readonly stateDir: string;
  readonly docker: DockerMode;
  /** The daemon's program, by name or path. */
  readonly dockerd: string;
  readonly dockerSocket: string;
  /** Caches of Docker Hub that dockerd and buildkit ask first. */
  readonly registryMirrors: readonly string[];
  /** Images that every MicroVM has from its start. */
  readonly dockerImages: readonly string[];
  /** How long all of them may take together to be pulled. */
  readonly pullMs: number;
  /** How long dockerd may take; a job's first step waits for it as long. */
  readonly dockerMs: number;
  /** The image's memory size; undefined: worked out from what the guest sees. */
  readonly memoryMib: number | undefined;
}

/** `auto`: when the MicroVM's capabilities allow it and the image has a dockerd. */
export type DockerMode = "auto" | "on" | "off";

/** Value of `GHA_RUNNER_USER` that means the supervisor's own account; no account can have this name. */
export const SAME_USER = "(same)";

const MIRROR = /^https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?$/;
/** Begins with no hyphen, so that no command takes it for an option. */
const IMAGE = /^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,199}$/;

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of this process. */
export function processEnvironment(): Environment {
  return process.env;
}

/**
 * Reads the supervisor's variables; empty counts as unset. Throws one Error that names every variable that is wrong.
 */
export function parseConfig(environment: Environment): SupervisorConfig {
  const problems: string[] = [];
  const read = <T>(name: string, fallback: T, parse: (text: string) => T | undefined, expected: string): T => {
    const text = environment[name];
    if (text === undefined || text === "") return fallback;
    const value = parse(text);
    if (value === undefined) problems.push(`${name} must be ${expected}`);
    return value ?? fallback;
  };
  const seconds = (name: string, fallback: number, most: number) =>
    read(
      name,
      fallback,
      (text) => inRange(text, /^\d{1,6}(\.\d{1,3})?$/, 0, most),
      `a number of seconds up to ${most}`,
    ) * 1_000;

  const user = read("GHA_RUNNER_USER", "runner", accountName, "an account's name");
  const config: SupervisorConfig = {
    runnerDir: read("GHA_RUNNER_DIR", "/opt/actions-runner", absolutePath, "an absolute path"),
    runnerUser: user === SAME_USER ? undefined : user,
    hookPort: read(
      "GHA_HOOK_PORT",
      HOOK_PORT,
      (text) => inRange(text, /^\d{1,5}$/, 0, 65_535),
      "a port number, 0 to 65535",
    ),
    jobWaitMs: seconds("GHA_JOB_WAIT_SECONDS", 300, 28_800),
    afterJobMs: seconds("GHA_AFTER_JOB_SECONDS", 60, 3_600),
    stopGraceMs: seconds("GHA_STOP_GRACE_SECONDS", 30, 600),
    restartMs: seconds("GHA_RESTART_SECONDS", 5, 600),
    finishMs: seconds("GHA_FINISH_SECONDS", 120, 900),
    warmMs: seconds("GHA_WARM_SECONDS", 120, 900),
    runnerEnv: read("GHA_RUNNER_ENV", "/opt/runner.env", absolutePath, "an absolute path"),
    stateDir: read("GHA_STATE_DIR", "/run/gha-runner", absolutePath, "an absolute path"),
    docker: read("GHA_DOCKER", "auto", dockerMode, "auto, on or off"),
    dockerd: read("GHA_DOCKERD", "dockerd", (text) => text, "a program"),
    dockerSocket: read("GHA_DOCKER_SOCKET", DOCKER_SOCKET, absolutePath, "an absolute path"),
    registryMirrors: read<readonly string[]>(
      "GHA_REGISTRY_MIRRORS",
      [],
      listOf(MIRROR),
      "https addresses of hosts, with commas between",
    ),
    dockerImages: read<readonly string[]>(
      "GHA_DOCKER_IMAGES",
      [],
      listOf(IMAGE),
      "images with tag or digest, with commas between",
    ),
    pullMs: seconds("GHA_PULL_SECONDS", 540, 3_600),
    dockerMs: seconds("GHA_DOCKER_SECONDS", 90, 900),
    memoryMib: read<number | undefined>(
      "GHA_MEMORY_MIB",
      undefined,
      (text) => inRange(text, /^\d{1,6}$/, 1, 999_999),
      "a whole number of MiB",
    ),
  };
  if (problems.length > 0) throw new Error(`the supervisor's environment is wrong: ${problems.join("; ")}`);
  return Object.freeze(config);
}

function inRange(text: string, form: RegExp, low: number, high: number): number | undefined {
  const value = Number(text);
  return form.test(text) && value >= low && value <= high ? value : undefined;
}

function listOf(form: RegExp): (text: string) => readonly string[] | undefined {
  return (text) => {
    const entries = text.split(",");
    return entries.every((entry) => form.test(entry)) ? entries : undefined;
  };
}

function dockerMode(text: string): DockerMode | undefined {
  return text === "auto" || text === "on" || text === "off" ? text : undefined;
}

function absolutePath(text: string): string | undefined {
  return text.startsWith("/") && !text.includes("\0") ? text : undefined;
}

function accountName(text: string): string | undefined {
  return text === SAME_USER || /^[a-z_][a-z0-9_-]{0,31}$/.test(text) ? text : undefined;
}
