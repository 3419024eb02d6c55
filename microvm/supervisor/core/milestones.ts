/**
 * What the runner notes on its way to a job's first step (`WritePerfCounter` in actions/runner), and what the log calls
 * it.
 */
const MILESTONES: Readonly<Record<string, string>> = {
  RunnerProcessStarted: "runnerStarted",
  SessionCreated: "sessionCreated",
  MessageReceived: "messageReceived",
  JobRequestRenewed: "jobRenewed",
  StartingWorkerProcess: "workerStarting",
  WorkerProcessStarted: "workerStarted",
  WorkerJobInitialized: "jobInitialized",
};

/**
 * Milliseconds from `sinceMs` (Unix time of `/run`) to each milestone, the first time that it was reached. Lines are
 * `NAME[_DETAIL]:TIME`, TIME in .NET's round-trip form.
 */
export function readMilestones(text: string, sinceMs: number): Record<string, number> {
  const found: Record<string, number> = {};
  for (const line of text.split("\n")) {
    const [, counter = "", time = ""] = /^([A-Za-z]{1,64})[^:]{0,200}:(\S{1,64})\s*$/.exec(line) ?? [];
    const name = Object.hasOwn(MILESTONES, counter) ? MILESTONES[counter] : undefined;
    const ms = Date.parse(time) - sinceMs;
    if (name !== undefined && Number.isFinite(ms) && !Object.hasOwn(found, name)) found[name] = ms;
  }
  return found;
}
