import { realReports } from "./print-evidence.ts";
import type { SmokeReport } from "./smoke-report.ts";

/** A step of conformance, as it was recorded. */
export interface ShownStep {
  name: string;
  /** What it shows when it passes. */
  shows: string;
  need: "required" | "where found";
  status: "passed" | "failed" | "not available";
  /** Name and version of each. */
  tools: readonly string[];
  /** The figures that were read. */
  figures: readonly string[];
}

/** In a sentence, where the module has run. */
export function printStatus(reports: readonly SmokeReport[]): string {
  const [newest] = realReports(reports);
  if (newest === undefined) {
    return [
      "**Status: proven in simulation only.** Nothing here has run in an AWS account or against github.com yet; what was shown, and",
      "what only an account can show, is [below](#what-was-and-was-not-shown).",
    ].join("\n");
  }
  const { startedAt, region } = newest;
  return [
    `**Status: ran in an AWS account** and against github.com, last on ${startedAt.slice(0, 10)} in ${region}: [EVIDENCE.md](docs/EVIDENCE.md).`,
    "What else was and was not shown is [below](#what-was-and-was-not-shown).",
  ].join("\n");
}

/** What runs in accounts and tools by others have shown, for the README; the figures stand in the records. */
export function printShown(steps: readonly ShownStep[], reports: readonly SmokeReport[]): string {
  const [newest] = realReports(reports);
  const passed = steps.filter(({ status }) => status === "passed");
  const others = steps.filter(({ status }) => status !== "passed");
  return [
    ...(newest === undefined
      ? ["Nothing here has run in an AWS account or against github.com yet."]
      : ranThere(newest)),
    "",
    "Programs that nobody here wrote were asked too, with `npx projen conformance`; the figures stand in",
    "[conformance.json](conformance/conformance.json):",
    "",
    ...passed.map(({ shows, tools }) => `- ${shows} (${tools.join(", ")}).`),
    ...(others.length === 0
      ? []
      : ["", `Not shown: ${others.map(({ name, status }) => `${name} (${status})`).join(", ")}.`]),
  ].join("\n");
}

function ranThere({ startedAt, answers, stages }: SmokeReport): string[] {
  const problems = stages.reduce((sum, stage) => sum + stage.problems.length, 0);
  const open = answers.filter(({ answered }) => !answered).map((answer) => answer.open);
  return [
    `In an AWS account and against github.com it last ran on ${startedAt.slice(0, 10)}, with ${problems === 1 ? "1 problem" : `${problems} problems`}`,
    `([EVIDENCE.md](docs/EVIDENCE.md)).${open.length === 0 ? "" : ` Still open: ${open.join("; ")}.`}`,
  ];
}
