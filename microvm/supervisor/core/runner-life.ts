import { readRunnerLine } from "./runner-line.ts";

/**
 * The life of the one runner of a MicroVM, as a function from what happened to what to do:
 *
 *   idle -> waiting -> working -> leaving -> over
 *              |          |          |        ^
 *              +----------+----------+--> stopping
 *
 * waiting: started, no job yet; working: it runs a job; leaving: the job is over, the process is not;
 * stopping: it was told to end; over: it has ended for good.
 */
export type Phase = "idle" | "waiting" | "working" | "leaving" | "stopping" | "over";

export type TimerName = "wait" | "leave" | "grace" | "restart" | "near-limit" | "limit";

export type LifeEvent =
  | { type: "run"; maxDurationMs: number }
  | { type: "line"; line: string }
  | { type: "exited"; code: number | null; signal: string | null }
  /** The process could not be started at all. */
  | { type: "unstartable"; problem: string }
  | { type: "stop"; reason: string }
  | { type: "timer"; name: TimerName };

export type Action =
  | { do: "start" }
  | { do: "signal"; signal: "SIGINT" | "SIGKILL" }
  | { do: "timer"; name: TimerName; ms: number }
  /** Tells the job's page why the runner is ended. */
  | { do: "explain"; reason: string }
  /** `refused`: GitHub gives no job to a runner of this version; what it calls itself, if it came to say so. */
  | { do: "finish"; refused?: { runner: string | undefined } }
  | { do: "log"; level: "info" | "warn" | "error"; event: string; fields?: Record<string, string | number | null> };

export interface Life {
  readonly phase: Phase;
  /** Time that the runner has been without a job, in the slices that the timer has counted. */
  readonly waitedMs: number;
  readonly restarts: number;
  /** A start after a pause is under way: there is no process to signal. */
  readonly paused: boolean;
  /** It has, or had, a session with GitHub. */
  readonly listening: boolean;
  /** Times that it was told to end because it could not connect. */
  readonly reconnects: number;
  /** It was told so and has not ended yet. */
  readonly reconnecting: boolean;
  /** What it calls itself. */
  readonly version: string | undefined;
  /** It said that GitHub refuses its version. */
  readonly refused: boolean;
}

export interface LifeBounds {
  readonly jobWaitMs: number;
  readonly afterJobMs: number;
  readonly stopGraceMs: number;
  readonly restartMs: number;
}

export const newLife: Life = {
  phase: "idle",
  waitedMs: 0,
  restarts: 0,
  paused: false,
  listening: false,
  reconnects: 0,
  reconnecting: false,
  version: undefined,
  refused: false,
};

/**
 * The wait for a job is counted in slices of this length: every clock of the guest jumps by the whole time that a
 * MicroVM was suspended (docs/PLATFORM-NOTES.md#snapshots), and a jump then costs the runner one slice and not its
 * whole wait.
 */
const WAIT_SLICE_MS = 15_000;
/** The runner's own service wrapper gives up after as many (RunnerService.js of actions/runner). */
const MAX_RESTARTS = 10;
/** How long before the MicroVM's end the warning comes; half of its life when that is shorter. */
const NEAR_LIMIT_MS = 600_000;
/**
 * The service ends a MicroVM at its maximum duration without a word to the runner. The runner is ended this long, and
 * its grace time, before: its job then ends as cancelled, with the reason in its log, and not as lost.
 */
const LIMIT_MARGIN_MS = 30_000;
/** A listener whose first connection fails sleeps 30 s (BrokerMessageListener.cs); a fresh one tries at once. */
const MAX_RECONNECTS = 2;
/**
 * Exit codes with which the listener asks to be started again: retryable error, updating, updating before a single job.
 */
const RESTART_CODES: readonly (number | null)[] = [2, 3, 4];
/**
 * Constants.Runner.ReturnCode of actions/runner; the former where ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE is
 * set.
 */
const VERSION_DEPRECATED = 7;
const TERMINATED = 1;

/** What to do about `event`, and what is known afterwards. Events that no longer matter change nothing. */
export function advance(life: Life, event: LifeEvent, bounds: LifeBounds): { life: Life; actions: Action[] } {
  switch (event.type) {
    case "run":
      return life.phase === "idle" ? begin(event.maxDurationMs, bounds) : { life, actions: [] };
    case "line":
      return onLine(life, event.line, bounds);
    case "exited":
      return onExit(life, event, bounds);
    case "unstartable":
      return end(life, "error", "runner.unstartable", { problem: event.problem });
    case "stop":
      return stop(life, event.reason, "info", bounds);
    case "timer":
      return onTimer(life, event.name, bounds);
  }
}

function begin(maxDurationMs: number, bounds: LifeBounds): { life: Life; actions: Action[] } {
  return {
    life: { ...newLife, phase: "waiting" },
    actions: [
      { do: "start" },
      waitSlice(0, bounds),
      { do: "timer", name: "near-limit", ms: maxDurationMs - Math.min(NEAR_LIMIT_MS, maxDurationMs / 2) },
      {
        do: "timer",
        name: "limit",
        ms: maxDurationMs - Math.min(bounds.stopGraceMs + LIMIT_MARGIN_MS, maxDurationMs / 5),
      },
    ],
  };
}

function onLine(life: Life, line: string, bounds: LifeBounds): { life: Life; actions: Action[] } {
  const news = readRunnerLine(line);
  const log = (event: string, fields?: Record<string, string>): Action => ({
    do: "log",
    level: "info",
    event,
    ...(fields === undefined ? {} : { fields }),
  });
  switch (news?.type) {
    case undefined:
      return { life, actions: [] };
    // What has no stamp, a job could have written: it counts until there is one.
    case "version":
      return { life: life.phase === "waiting" ? { ...life, version: news.version } : life, actions: [] };
    case "refused":
      return {
        life: life.phase === "waiting" ? { ...life, refused: true, version: life.version ?? news.version } : life,
        actions: [],
      };
    case "listening":
      return { life: { ...life, listening: true }, actions: [log("runner.ready")] };
    case "connect-error":
      return reconnect(life);
    case "job-started":
      return { life: life.phase === "waiting" ? { ...life, phase: "working" } : life, actions: [log("job.started")] };
    case "job-completed": {
      const actions = [log("job.completed", { result: news.result })];
      if (life.phase !== "working" && life.phase !== "waiting") return { life, actions };
      return {
        life: { ...life, phase: "leaving" },
        actions: [...actions, { do: "timer", name: "leave", ms: bounds.afterJobMs }],
      };
    }
  }
}

/** Never once it was listening: a session exists then, and GitHub refuses a second one. */
function reconnect(life: Life): { life: Life; actions: Action[] } {
  if (life.phase !== "waiting" || life.listening || life.reconnecting || life.reconnects >= MAX_RECONNECTS) {
    return { life, actions: [] };
  }
  const reconnects = life.reconnects + 1;
  return {
    life: { ...life, reconnects, reconnecting: true },
    actions: [
      { do: "log", level: "warn", event: "runner.reconnecting", fields: { attempt: reconnects } },
      { do: "signal", signal: "SIGINT" },
    ],
  };
}

function onExit(
  life: Life,
  exit: { code: number | null; signal: string | null },
  bounds: LifeBounds,
): { life: Life; actions: Action[] } {
  if (life.phase === "over") return { life, actions: [] };
  const fields = { code: exit.code, signal: exit.signal };
  if (life.phase === "waiting" && (exit.code === VERSION_DEPRECATED || (exit.code === TERMINATED && life.refused))) {
    const runner = life.version;
    return end(life, "error", "runner.too-old", { ...fields, runner: runner ?? null }, { refused: { runner } });
  }
  if (life.phase === "waiting" && life.reconnecting && exit.code === 0) {
    return { life: { ...life, reconnecting: false }, actions: [{ do: "start" }] };
  }
  // With a job in hand the runner has used its registration up: there is nothing to start again for.
  if (life.phase === "waiting" && RESTART_CODES.includes(exit.code) && life.restarts < MAX_RESTARTS) {
    return {
      life: { ...life, restarts: life.restarts + 1, paused: true, reconnecting: false },
      actions: [
        { do: "log", level: "warn", event: "runner.restarting", fields },
        { do: "timer", name: "restart", ms: bounds.restartMs },
      ],
    };
  }
  return end(life, exit.code === 0 ? "info" : "warn", "runner.exited", fields);
}

function onTimer(life: Life, name: TimerName, bounds: LifeBounds): { life: Life; actions: Action[] } {
  if (name === "wait" && life.phase === "waiting") {
    const waitedMs = life.waitedMs + sliceMs(life.waitedMs, bounds);
    if (waitedMs < bounds.jobWaitMs) return { life: { ...life, waitedMs }, actions: [waitSlice(waitedMs, bounds)] };
    return stop({ ...life, waitedMs }, "no job came", "warn", bounds);
  }
  if (name === "leave" && life.phase === "leaving") return stop(life, "it hung after its job", "warn", bounds);
  if (name === "near-limit" && life.phase !== "over") {
    return {
      life,
      actions: [{ do: "log", level: "warn", event: "duration.near-limit", fields: { phase: life.phase } }],
    };
  }
  if (name === "limit") return stop(life, "the MicroVM's maximum duration is nearly over", "warn", bounds);
  if (name === "grace" && life.phase === "stopping") {
    return {
      life,
      actions: [
        { do: "log", level: "warn", event: "runner.killed" },
        { do: "signal", signal: "SIGKILL" },
      ],
    };
  }
  if (name === "restart" && life.phase === "waiting" && life.paused) {
    return { life: { ...life, paused: false }, actions: [{ do: "start" }] };
  }
  return { life, actions: [] };
}

function stop(
  life: Life,
  reason: string,
  level: "info" | "warn",
  bounds: LifeBounds,
): { life: Life; actions: Action[] } {
  const log: Action = { do: "log", level, event: "runner.stopping", fields: { reason } };
  if (life.phase === "over" || life.phase === "stopping") return { life, actions: [] };
  if (life.phase === "idle" || life.paused)
    return { life: { ...life, phase: "over" }, actions: [log, { do: "finish" }] };
  return {
    life: { ...life, phase: "stopping" },
    actions: [
      log,
      { do: "explain", reason },
      { do: "signal", signal: "SIGINT" },
      { do: "timer", name: "grace", ms: bounds.stopGraceMs },
    ],
  };
}

function end(
  life: Life,
  level: "info" | "warn" | "error",
  event: string,
  fields: Record<string, string | number | null>,
  why: { refused?: { runner: string | undefined } } = {},
): { life: Life; actions: Action[] } {
  if (life.phase === "over") return { life, actions: [] };
  return {
    life: { ...life, phase: "over" },
    actions: [
      { do: "log", level, event, fields },
      { do: "finish", ...why },
    ],
  };
}

function waitSlice(waitedMs: number, bounds: LifeBounds): Action {
  return { do: "timer", name: "wait", ms: sliceMs(waitedMs, bounds) };
}

function sliceMs(waitedMs: number, bounds: LifeBounds): number {
  return Math.min(WAIT_SLICE_MS, bounds.jobWaitMs - waitedMs);
}
