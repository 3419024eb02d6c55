import { JOB_STEPS, type ReportedJob, type SmokeReport } from "../../src/docs/smoke-report.ts";
import type { JobNote, Journal } from "../journal.ts";
import { spent } from "./estimate.ts";

/** The stages in which something stands in for AWS or GitHub are, in the lab, all. */
export function reportOf(journal: Journal, commit: string, now: Date): SmokeReport {
  const { world, startedAt, region, memoryMib, stages, notes } = journal;
  const standIn = world === "lab";
  return {
    ...{ version: 1, world, startedAt, region, commit, terraform: notes.terraform ?? "", memoryMib },
    cost: { estimate: dollars(notes.estimate ?? 0), spent: dollars(spent(notes.jobs, memoryMib, region, now)) },
    stages: Object.entries(stages).map(([name, result]) => ({ name, ...result, standIn })),
    jobs: notes.jobs.map((job) => ({ ...reportedJob(job), standIn })),
    answers: (notes.answers ?? []).map((answer) => ({ ...answer, standIn })),
  };
}

const dollars = (usd: number) => Math.round(usd * 10_000) / 10_000;

function reportedJob({ kind, jobId, conclusion, at }: JobNote): Omit<ReportedJob, "standIn"> {
  const since = at.queued ?? 0;
  const seen = JOB_STEPS.flatMap((step) => {
    const moment = at[step];
    return moment === undefined ? [] : [[step, Math.round((moment - since) / 100) / 10] as const];
  });
  return { kind, jobId, ...(conclusion === undefined ? {} : { conclusion }), at: Object.fromEntries(seen) };
}

/** The report for a person. */
export function printReport(report: SmokeReport): string {
  const mark = (standIn: boolean) => (standIn ? "stand-in" : "");
  const rows = (headings: readonly string[], cells: readonly (readonly string[])[]) => table([headings, ...cells]);
  return [
    rows(
      ["Stage", "Result", "Seconds", ""],
      report.stages.map(({ name, status, seconds, standIn }) => [name, status, String(seconds), mark(standIn)]),
    ),
    rows(
      ["Job", "Ended in", ...JOB_STEPS.slice(1), ""],
      report.jobs.map(({ kind, conclusion, at, standIn }) => [
        ...[kind, conclusion ?? "not over"],
        ...JOB_STEPS.slice(1).map((step) => (at[step] === undefined ? "-" : `${at[step].toFixed(1)} s`)),
        mark(standIn),
      ]),
    ),
    rows(
      ["Open", "Answer", ""],
      report.answers.map(({ open, answered, text, standIn }) => [
        ...[open, answered ? text : `not answered: ${text}`],
        mark(standIn),
      ]),
    ),
    problemsOf(report)
      .map((problem) => `PROBLEM ${problem}`)
      .join("\n"),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** Everything that is not as it is to be. */
export function problemsOf({ stages }: Pick<SmokeReport, "stages">): string[] {
  return stages.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`));
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
