import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { JobStep } from "../src/docs/smoke-report.ts";

/** What a run remembers, so that another process can go on with it or clean up after it. No secret is in it. */
export interface Journal {
  version: 1;
  world: "account" | "lab";
  /** ISO 8601. */
  startedAt: string;
  account: string;
  region: string;
  prefix: string;
  repository: string;
  memoryMib: number;
  /** By the stage's name; absent: it has not been carried out to its end. */
  stages: Record<string, StageResult>;
  notes: Notes;
}

export interface StageResult {
  status: "passed" | "failed" | "left out";
  problems: readonly string[];
  seconds: number;
}

/** What the stages tell each other. */
export interface Notes {
  estimate?: number;
  /** Whether the role is being made, or is there. */
  role?: boolean;
  /** Whether Terraform has been started. */
  applying?: boolean;
  /** Whether the first job is being begun, or has been. */
  beginning?: boolean;
  applied?: { resources: number; seconds: number };
  terraform?: string;
  quotas?: string[];
  /** GitHub's id of each kind's run. */
  runs: Record<string, number>;
  jobs: JobNote[];
  answers?: { open: string; answered: boolean; text: string }[];
}

export interface JobNote {
  kind: string;
  jobId: number;
  conclusion?: string;
  /** What `where` says of it. */
  where: string;
  /** The MicroVM that has it, or is to have it. */
  microvmId?: string;
  /** Milliseconds since 1970. */
  at: Partial<Record<JobStep, number>>;
  /** Every MicroVM launched for it; ISO 8601. */
  launches: { launchedAt: string; endedAt?: string }[];
}

/** Of a run that has not begun. */
export function newJournal(
  run: Pick<Journal, "world" | "account" | "region" | "prefix" | "repository" | "memoryMib"> & { now: Date },
): Journal {
  const { now, ...rest } = run;
  return { version: 1, ...rest, startedAt: now.toISOString(), stages: {}, notes: { runs: {}, jobs: [] } };
}

/** Undefined: there is none. */
export async function readJournal(file: string): Promise<Journal | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

/** Whole, or not at all: a run may be killed while it writes. */
export async function writeJournal(file: string, journal: Journal): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(journal, undefined, 2)}\n`);
  await rename(`${file}.new`, file);
}

export async function removeJournal(file: string): Promise<void> {
  await rm(file, { force: true });
}
