/**
 * When a job whose launches came to nothing gets the next one: by what became of the ones before. Nothing here ever
 * gives a job up: as long as GitHub keeps it queued it gets its runner when it can have one.
 */
import type { LaunchOutcome } from "../../contract/events.ts";
import type { DeploymentState } from "./deployment.ts";
import type { JobRecord, Launch } from "./job.ts";

/** Why launches end, as their records say it. */
export const END_REASONS = {
  completed: "job completed",
  exited: "runner exited",
  over: "job over",
  notNeeded: "not needed",
  noRunner: "no runner",
  microvmGone: "MicroVM gone",
  runnerRefused: "runner refused",
  classRemoved: "class removed",
} as const;

/**
 * What became of a launch that has ended:
 * `refused`: no MicroVM was started, which cost nothing, or GitHub refused its runner, for which launches are held;
 * `died`:    its MicroVM died, or its runner never came online;
 * `idle`:    its runner was online and was given no job;
 * `served`:  its runner had a job, or was not needed any more.
 */
export type Fate = "refused" | "died" | "idle" | "served";

/** What became of a launch; undefined while it lives. */
export function fateOf(launch: Launch): Fate | undefined {
  if (launch.state !== "ended") return undefined;
  if (launch.microvmId === undefined) return "refused";
  if (launch.ranJobId !== undefined) return "served";
  switch (launch.endReason) {
    case END_REASONS.exited:
      return "idle";
    case END_REASONS.microvmGone:
    case END_REASONS.noRunner:
      return launch.idleAt === undefined ? "died" : "idle";
    case END_REASONS.runnerRefused:
      return "refused";
    default:
      return "served";
  }
}

/**
 * The supervisor ends its runner a minute before the MicroVM is as old as it may get; what follows takes some seconds.
 */
const CUT_OFF_SECONDS = 90;

/** What became of a launch whose MicroVM ran for so long, as the log says it. */
export function outcomeOf(
  { microvmId, endReason }: Launch,
  seconds: number,
  maxDurationSeconds: number,
): LaunchOutcome {
  if (microvmId === undefined) return "abandoned";
  if (endReason === END_REASONS.runnerRefused) return "refused";
  if (endReason === END_REASONS.noRunner) return "no-runner";
  if (endReason === END_REASONS.notNeeded) return "not-needed";
  if (seconds > maxDurationSeconds - CUT_OFF_SECONDS) return "cut-off";
  return endReason === END_REASONS.microvmGone ? "died" : "ran";
}

/** How many launches in a row came to nothing: their MicroVMs died, never had a runner online, or were given no job. */
export function wastedInARow({ launches }: JobRecord): number {
  const others = launches.map(fateOf).findLastIndex((fate) => fate !== "died" && fate !== "idle");
  return launches.length - 1 - others;
}

const MINUTE_MS = 60_000;
/** After a launch that came to nothing, and after each further one; the last of them from then on. */
export const WAITS_MS = [1, 5, 15, 30, 60].map((minutes) => minutes * MINUTE_MS);
/** So many deaths in a row are followed at once, or as good as; the next ones wait, and somebody is told. */
export const DEATHS_TOLD = 4;

/** When the next launch is due, by the launches alone. */
export interface RelaunchPace {
  /** Unix milliseconds; in the past: at once. */
  dueMs: number;
  /** MicroVMs that died one after the other. */
  deaths: number;
}

/**
 * The pace of a job; launches made as probes, or because GitHub gives jobs again, do not change it. A runner that was
 * given another job changes nothing for a job that was given none before: who has waited for its turn goes on waiting.
 */
export function relaunchPace(record: JobRecord): RelaunchPace {
  const past = record.launches
    .filter(({ number, cause }) => number > (record.freshFrom ?? 0) && cause === undefined)
    .map((launch) => ({ fate: fateOf(launch), atMs: msOf(launch.endedAt ?? launch.swappedAt) }))
    .filter(({ fate }) => fate !== "refused");
  const last = past.at(-1);
  if (last === undefined) return { dueMs: 0, deaths: 0 };
  if (last.fate === "died") {
    const deaths = past.length - past.findLastIndex(({ fate }) => fate !== "died") - 1;
    return { dueMs: dueAfter(last.atMs, Math.max(0, deaths - DEATHS_TOLD + 1)), deaths };
  }
  const firstIdle = past.findIndex(({ fate }) => fate === "idle");
  if (firstIdle < 0) return { dueMs: 0, deaths: 0 };
  const vain = past.slice(firstIdle).filter(({ fate }) => fate !== "died").length;
  return { dueMs: dueAfter(last.atMs, vain), deaths: 0 };
}

/**
 * A runner has to have been idle for so long while GitHub gave no job to any other: else the job itself is the reason.
 */
const IDLE_IN_GAP_MS = 4 * MINUTE_MS;

/**
 * Whether GitHub gives jobs again after it gave none while this job's last runner was idle; once in a row, so that a
 * job that gets nothing although others do keeps its pace.
 */
export function isRecovered(record: JobRecord, { gap }: Pick<DeploymentState, "gap">): boolean {
  const last = record.launches.at(-1);
  if (last === undefined) return false;
  // It was launched out of turn, and GitHub gave its runner to another job.
  if (last.cause !== undefined && (last.ranJobId !== undefined || last.swappedAt !== undefined)) return true;
  if (gap === undefined || fateOf(last) !== "idle" || last.cause === "recovery") return false;
  const endedMs = msOf(last.endedAt);
  return endedMs <= gap.toMs && endedMs - gap.fromMs >= IDLE_IN_GAP_MS;
}

/** When the launch after one that ended at `atMs` is due; `count`: how many waits there are, this one with them. */
function dueAfter(atMs: number, count: number): number {
  const waitMs = WAITS_MS.slice(0, count).at(-1);
  return waitMs === undefined ? 0 : atMs + waitMs;
}

function msOf(moment: string | undefined): number {
  return moment === undefined ? 0 : new Date(moment).getTime();
}
