import { launchIdOf } from "./job.ts";

/** Names the runner of one launch: `<prefix>-<job id>-<launch number>`, at most 64 characters as GitHub allows. */
export function runnerNameOf(prefix: string, jobId: number, launchNumber: number): string {
  return `${prefix}-${launchIdOf(jobId, launchNumber)}`;
}

/** The launch id in a runner's name; undefined when the runner is not one of ours. */
export function launchIdOfRunner(prefix: string, runnerName: string): string | undefined {
  if (!runnerName.startsWith(`${prefix}-`)) return undefined;
  const rest = runnerName.slice(prefix.length + 1);
  return parseLaunchId(rest) === undefined ? undefined : rest;
}

/** The two numbers in a launch id; undefined when it is malformed. */
export function parseLaunchId(launchId: string): { jobId: number; launchNumber: number } | undefined {
  const match = /^([1-9]\d{0,15})-([1-9]\d{0,3})$/.exec(launchId);
  return match ? { jobId: Number(match[1]), launchNumber: Number(match[2]) } : undefined;
}
