export type RunnerNews = { type: "listening" } | { type: "job-started" } | { type: "job-completed"; result: string };

/**
 * What a line of the runner's output says. The listener stamps its own lines (`2026-01-31 08:15:00Z: Running job: build`),
 * and a job's name, which its author chooses, stands only behind the stamp.
 */
export function readRunnerLine(line: string): RunnerNews | undefined {
  const said = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ: (.*)$/.exec(line)?.[1];
  if (said === undefined) return undefined;
  if (said.startsWith("Listening for Jobs")) return { type: "listening" };
  if (said.startsWith("Running job: ")) return { type: "job-started" };
  const result = /^Job .* completed with result: (\w{1,32})$/.exec(said)?.[1];
  return result === undefined ? undefined : { type: "job-completed", result };
}
