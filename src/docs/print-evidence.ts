import { JOB_STEPS, type ReportedJob, type SmokeReport } from "./smoke-report.ts";

/** The reports that show something: of an account, without what only stood in for it. */
export function realReports(reports: readonly SmokeReport[]): SmokeReport[] {
  return reports
    .filter(({ world }) => world === "account")
    .map((report) => ({
      ...report,
      stages: report.stages.filter(({ standIn }) => !standIn),
      jobs: report.jobs.filter(({ standIn }) => !standIn),
      answers: report.answers.filter(({ standIn }) => !standIn),
    }))
    .toSorted((one, other) => other.startedAt.localeCompare(one.startedAt));
}

/** docs/EVIDENCE.md: what runs of `npx projen smoke` in accounts have shown, the newest first. */
export function printEvidence(reports: readonly SmokeReport[]): string {
  const real = realReports(reports);
  return [
    "# Evidence",
    "",
    "What runs of `npx projen smoke` in AWS accounts and against github.com have shown. Generated from",
    "the reports in `docs/evidence/`; what only stood in for something, as in the lab, is not in it.",
    "",
    ...(real.length === 0
      ? ["None yet: nothing here has run in an AWS account or against github.com."]
      : real.flatMap(printed)),
    "",
  ].join("\n");
}

function printed(report: SmokeReport): string[] {
  const { startedAt, region, commit, terraform, memoryMib, cost, stages, jobs, answers } = report;
  const problems = stages.flatMap(({ name, problems: each }) =>
    each.map((problem) => `- ${cell(name)}: ${cell(problem)}`),
  );
  return [
    `## ${startedAt.slice(0, 10)}, ${region}`,
    "",
    `Commit ${commit.slice(0, 12)}, Terraform ${terraform}, MicroVMs of ${memoryMib} MiB; $${cost.spent.toFixed(2)} for MicroVMs, by list prices.`,
    "",
    "| Stage | Result | Seconds |",
    "| --- | --- | ---: |",
    ...stages.map(({ name, status, seconds }) => `| ${cell(name)} | ${status} | ${seconds} |`),
    "",
    ...(problems.length === 0 ? [] : [...problems, ""]),
    `| Jobs, seconds from queued: median (longest) | Ended in | ${JOB_STEPS.slice(1).join(" | ")} |`,
    `| --- | --- |${" ---: |".repeat(JOB_STEPS.length - 1)}`,
    ...[...Map.groupBy(jobs, ({ kind }) => kind)].map(([kind, own]) => jobsRow(kind, own)),
    "",
    "| Open | Answer |",
    "| --- | --- |",
    ...answers.map(
      ({ open, answered, text }) => `| ${cell(open)} | ${answered ? "" : "not answered: "}${cell(text)} |`,
    ),
    "",
  ];
}

function jobsRow(kind: string, jobs: readonly ReportedJob[]): string {
  const ends = Map.groupBy(jobs, ({ conclusion = "not over" }) => conclusion);
  const times = JOB_STEPS.slice(1).map((step) => {
    const seen = jobs.flatMap(({ at }) => at[step] ?? []).toSorted((one, other) => one - other);
    const middle = seen[Math.floor((seen.length - 1) / 2)];
    if (middle === undefined) return "-";
    return seen.length === 1 ? middle.toFixed(1) : `${middle.toFixed(1)} (${seen.at(-1)?.toFixed(1)})`;
  });
  const ended = [...ends].map(([conclusion, those]) => `${those.length} ${conclusion}`).join(", ");
  return `| ${[cell(kind), ended, ...times].join(" | ")} |`;
}

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ");
