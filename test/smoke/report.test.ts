import { describe, expect, it } from "vitest";
import { estimate, overspent, spent } from "../../smoke/core/estimate.ts";
import { KINDS } from "../../smoke/core/kinds.ts";
import { printReport, problemsOf, reportOf } from "../../smoke/core/report.ts";
import { type Journal, newJournal } from "../../smoke/journal.ts";
import { QUESTIONS } from "../../smoke/stages/questions.ts";
import { printEvidence, realReports } from "../../src/docs/print-evidence.ts";
import { printShown, printStatus } from "../../src/docs/print-shown.ts";
import type { SmokeReport } from "../../src/docs/smoke-report.ts";
import { readProjectFile } from "../docs/markdown.ts";

const START = Date.parse("2026-11-27T10:00:00.000Z");
const NOW = new Date(START + 600_000);

function journalOf(world: "account" | "lab"): Journal {
  const run = { world, account: "123456789012", region: "us-east-1", prefix: "gha-smoke", repository: "my-org/shop" };
  const journal = newJournal({ ...run, memoryMib: 2_048, now: new Date(START) });
  journal.stages = {
    apply: { status: "passed", problems: [], seconds: 90 },
    jobs: { status: "failed", problems: ["slow | late"], seconds: 9 },
  };
  journal.notes = {
    ...{ estimate: 0.5, terraform: "1.14.0", runs: { hello: 1 } },
    answers: [
      { open: "the module applies", answered: true, text: "90 resources" },
      { open: "quotas of the account", answered: false, text: "refused" },
    ],
    jobs: [
      {
        ...{ kind: "hello", jobId: 7, conclusion: "success", where: "the job is over: success" },
        at: { queued: START, delivered: START + 1_200, ended: START + 30_000 },
        launches: [{ launchedAt: new Date(START).toISOString(), endedAt: new Date(START + 60_000).toISOString() }],
      },
      {
        ...{ kind: "matrix", jobId: 8, where: "queued" },
        at: { queued: START },
        launches: [{ launchedAt: new Date(START).toISOString() }],
      },
    ],
  };
  return journal;
}

const reportFrom = (world: "account" | "lab") => reportOf(journalOf(world), "0123456789abcdef", NOW);

describe("the report", () => {
  it("has each job's times since it was queued, and what went wrong", () => {
    const report = reportFrom("account");
    expect(report.jobs).toEqual([
      { kind: "hello", jobId: 7, conclusion: "success", at: { queued: 0, delivered: 1.2, ended: 30 }, standIn: false },
      { kind: "matrix", jobId: 8, at: { queued: 0 }, standIn: false },
    ]);
    expect(problemsOf(report)).toEqual(["jobs: slow | late"]);
    const text = printReport(report);
    expect(text).toMatch(/^hello +success +1\.2 s +- /m);
    expect(text).toMatch(/^matrix +not over/m);
    expect(text).toContain("not answered: refused");
    expect(text).toContain("PROBLEM jobs: slow | late");
  });

  it("marks all that the lab says as a stand-in's", () => {
    const { stages, jobs, answers } = reportFrom("lab");
    expect([...stages, ...jobs, ...answers].every(({ standIn }) => standIn)).toBe(true);
    expect(printReport(reportFrom("lab"))).toMatch(/^apply +passed +90 +stand-in$/m);
  });
});

describe("docs/EVIDENCE.md", () => {
  it("has nothing of a lab, nor what only stood in", () => {
    const mixed: SmokeReport = reportFrom("account");
    mixed.jobs = mixed.jobs.map((job) => ({ ...job, standIn: job.kind === "hello" }));
    mixed.answers = mixed.answers.map((answer) => ({ ...answer, standIn: true }));

    expect(printEvidence([reportFrom("lab")])).toContain("None yet");
    const text = printEvidence([reportFrom("lab"), mixed]);
    expect(text).not.toContain("| hello");
    expect(text).not.toContain("90 resources");
    expect(text).toContain("| matrix | 1 not over |");
    expect(realReports([reportFrom("lab")])).toEqual([]);
  });

  it("tells of each run in an account, the newest first", () => {
    const later = { ...reportFrom("account"), startedAt: "2027-01-02T00:00:00.000Z", region: "eu-west-1" };
    const text = printEvidence([reportFrom("account"), later]);
    expect([...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual([
      "2027-01-02, eu-west-1",
      "2026-11-27, us-east-1",
    ]);
    expect(text).toContain("- jobs: slow \\| late");
    expect(text).toContain("| quotas of the account | not answered: refused |");
  });

  it("decides what README says of accounts", () => {
    expect(printStatus([reportFrom("lab")])).toContain("proven in simulation only");
    expect(printStatus([reportFrom("account")])).toContain("last on 2026-11-27 in us-east-1");
    expect(printShown([], [reportFrom("lab")])).toContain("Nothing here has run in an AWS account");
    expect(printShown([], [reportFrom("account")])).toContain(
      "with 1 problem\n([EVIDENCE.md](docs/EVIDENCE.md)). Still open: quotas",
    );
  });
});

describe("what a run costs", () => {
  it("is at most what all jobs cost that take all their time", () => {
    const small = estimate(KINDS, 2_048, "us-east-1");
    expect(small.pricesOf).toBe("us-east-1");
    expect(estimate(KINDS, 4_096, "us-east-1").usd).toBeGreaterThan(small.usd * 1.5);
    expect(estimate(KINDS, 2_048, "eu-central-1")).toEqual({ usd: small.usd, pricesOf: "us-east-1" });
  });

  it("ends it at twice the estimate", () => {
    const journal = journalOf("account");
    const cost = spent(journal.notes.jobs, 2_048, "us-east-1", NOW);
    // A MicroVM of a minute, and one that still runs after ten.
    expect(cost).toBeGreaterThan(spent(journal.notes.jobs.slice(0, 1), 2_048, "us-east-1", NOW) * 3);
    expect(overspent(journal, NOW)).toBeUndefined();
    journal.notes.estimate = cost / 2 - 0.000_1;
    expect(overspent(journal, NOW)).toMatch(/are spent, more than/);
  });
});

it("answers every row of what only an account can show", () => {
  const table =
    /^## What only an account can show\n([\s\S]*)/m.exec(readProjectFile("docs/ARCHITECTURE.md"))?.[1] ?? "";
  const rows = [...table.matchAll(/^\| ([^|]+) \|/gm)]
    .map(([, cell = ""]) => cell)
    .filter((cell) => !/^(Open|---)/.test(cell));
  expect(Object.keys(QUESTIONS)).toEqual(rows);
});
