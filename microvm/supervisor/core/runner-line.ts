export type RunnerNews =
  | { type: "listening" }
  | { type: "connect-error" }
  | { type: "version"; version: string }
  | { type: "refused"; version: string }
  | { type: "job-started" }
  | { type: "job-completed"; result: string };

/**
 * What a line of the runner's output says. The listener stamps its own lines (`2026-01-31 08:15:00Z: Running job:
 * build`), and a job's name, which its author chooses, stands only behind the stamp. Two lines that matter have none:
 * the runner's version, and GitHub's word that it is too old, which Program.cs prints behind `An error occurred: ` and
 * BrokerMessageListener.cs behind `Failed to create session. `.
 */
export function readRunnerLine(line: string): RunnerNews | undefined {
  const said = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ: (.*)$/.exec(line)?.[1];
  return said === undefined ? readUnstamped(line) : readStamped(said);
}

function readStamped(said: string): RunnerNews | undefined {
  if (said.startsWith("Listening for Jobs")) return { type: "listening" };
  if (said.startsWith("Runner connect error: ")) return { type: "connect-error" };
  if (said.startsWith("Running job: ")) return { type: "job-started" };
  const result = /^Job .* completed with result: (\w{1,32})$/.exec(said)?.[1];
  return result === undefined ? undefined : { type: "job-completed", result };
}

function readUnstamped(line: string): RunnerNews | undefined {
  const version = /^Current runner version: '(\d{1,3}\.\d{1,4}\.\d{1,4})'$/.exec(line)?.[1];
  if (version !== undefined) return { type: "version", version };
  const refused =
    /^(?:An error occurred: |Failed to create session\. )?Runner version v(\d{1,3}\.\d{1,4}\.\d{1,4}) is deprecated and cannot receive messages\.?$/;
  const refusedVersion = refused.exec(line)?.[1];
  return refusedVersion === undefined ? undefined : { type: "refused", version: refusedVersion };
}
