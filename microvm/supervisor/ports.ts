import type { FinishCall } from "../../contract/finish-call.ts";
import type { DockerState, JobFacts } from "./core/job-notes.ts";

/** How a process ended: by itself with a code, or by a signal. */
export interface ProcessExit {
  code: number | null;
  signal: string | null;
}

export interface RunnerInput {
  encodedJitConfig: string;
  /** Added to the runner's environment. */
  environment: Readonly<Record<string, string>>;
}

export interface RunnerHandlers {
  onStarted(pid: number): void;
  onLine(line: string): void;
  /** Called once, after the last line: it ran and ended, or could not be started. */
  onEnd(end: ProcessExit | { problem: string }): void;
}

/** The Actions runner. */
export interface RunnerProcess {
  start(input: RunnerInput, handlers: RunnerHandlers): void;
  /** SIGINT reaches the listener alone, as a person's Ctrl-C through its service would; SIGKILL all that it started. */
  signal(signal: "SIGINT" | "SIGKILL"): void;
}

/** The end-of-job call to the webhook function. */
export interface FinishCaller {
  /** Resolves when the call was accepted or given up; never rejects. */
  call(finish: { url: string; body: FinishCall }): Promise<void>;
}

/** Runs once what the first job will need, so that the snapshot holds it in memory. */
export interface Warmer {
  /** The first call of a round starts it. `failed`: the image lacks something that every job needs. */
  poll(round: string): "warming" | "warm" | "failed";
}

export interface Timers {
  set(ms: number, callback: () => void): void;
}

/** dockerd, where the MicroVM may run one. */
export interface Docker {
  /** Returns at once; `onChange` is told what became of it. */
  start(onChange: (state: DockerState) => void): void;
  stop(): void;
}

/** The times that the runner notes of its way to a job. */
export interface PerfLog {
  /** Returns what the runner's environment needs for it. */
  install(): Readonly<Record<string, string>>;
  /** What it has noted, one a line; a job can write there, so nothing may be decided by it. */
  read(): string;
}

/** The job's page on GitHub, through the runner's job hooks. */
export interface JobPage {
  /** Returns what the runner's environment needs for it. */
  install(facts: JobFacts): Readonly<Record<string, string>>;
  update(facts: JobFacts): void;
}
