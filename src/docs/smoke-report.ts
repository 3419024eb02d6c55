/** What `npx projen smoke` writes; fields may be added to it, never renamed. */
export interface SmokeReport {
  version: 1;
  /** `lab`: a rehearsal on one machine, which shows nothing of AWS or GitHub. */
  world: "account" | "lab";
  /** ISO 8601. */
  startedAt: string;
  region: string;
  /** Commit of this repository. */
  commit: string;
  /** Of Terraform. */
  terraform: string;
  memoryMib: number;
  /** US dollars. */
  cost: { estimate: number; spent: number };
  stages: ReportedStage[];
  jobs: ReportedJob[];
  answers: ReportedAnswer[];
}

export interface ReportedStage {
  name: string;
  status: "passed" | "failed" | "left out";
  seconds: number;
  problems: readonly string[];
  standIn: boolean;
}

/** The steps of a job's way, in order; each is told in seconds since the first. */
export const JOB_STEPS = [
  "queued",
  "delivered",
  "launched",
  "MicroVM running",
  "listener up",
  "job taken",
  "first step",
  "ended",
  "MicroVM gone",
] as const;
export type JobStep = (typeof JOB_STEPS)[number];

export interface ReportedJob {
  kind: string;
  jobId: number;
  /** GitHub's; absent: it was not over. */
  conclusion?: string;
  /** Seconds since `queued`; what was not seen is absent. */
  at: Partial<Record<JobStep, number>>;
  standIn: boolean;
}

export interface ReportedAnswer {
  /** As the table of docs/ARCHITECTURE.md has it. */
  open: string;
  answered: boolean;
  text: string;
  standIn: boolean;
}
