import type { Job } from "../github/jobs.ts";

/** Where a person sees a line for each look, where a log has one for each five seconds. */
const EVERY_MS = { terminal: 1_000, log: 5_000 };

export interface ProgressOutput {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** `12/40 done, 9 running, 19 queued`. */
export function progressLine(jobs: readonly Pick<Job, "status">[]): string {
  const count = (status: Job["status"]) => jobs.filter((job) => job.status === status).length;
  const running = count("in_progress");
  const done = count("completed");
  return `${done}/${jobs.length} done, ${running} running, ${jobs.length - done - running} queued`;
}

/** Shows how far the jobs are until it is ended; a terminal's line is written over, and taken away in the end. */
export function showProgress(jobs: () => readonly Pick<Job, "status">[], output: ProgressOutput): () => void {
  const isTerminal = output.isTTY === true;
  const show = () => output.write(isTerminal ? `\r\u001b[K${progressLine(jobs())}` : `${progressLine(jobs())}\n`);
  const timer = setInterval(show, isTerminal ? EVERY_MS.terminal : EVERY_MS.log);
  return () => {
    clearInterval(timer);
    if (isTerminal) output.write("\r\u001b[K");
  };
}
