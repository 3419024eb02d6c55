import { mkdir, readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { SupervisorProcess } from "../../lab/runner/supervisor-process.ts";
import { SUPERVISOR_ENTRY } from "../../src/bundle/build-context.ts";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";
import { eventually } from "./eventually.ts";

/** Where vitest collects what child processes ran; not set in a run without coverage. */
const COLLECTED = process.env.CHILD_COVERAGE;
/** Where they write it. */
const WRITTEN = `${COLLECTED}-written`;

/**
 * What Node runs as the supervisor where coverage is measured: its sources, whose lines the counts name, and not the
 * bundle. The end-to-end tests run the bundle in either case.
 */
export const COVERED_SUPERVISOR =
  COLLECTED === undefined
    ? undefined
    : ["--import", join(import.meta.dirname, "take-coverage.ts"), join(PROJECT_ROOT, SUPERVISOR_ENTRY)];

export function coverageEnvironment(): Record<string, string> {
  return COLLECTED === undefined ? {} : { NODE_V8_COVERAGE: WRITTEN };
}

/** The same of a program that ends by itself: what it writes is whole. */
export function wholeCoverageEnvironment(): Record<string, string> {
  return COLLECTED === undefined ? {} : { NODE_V8_COVERAGE: COLLECTED };
}

/** Lets a supervisor that is about to be killed write what it ran: Node does so by itself only at an exit. */
export async function writeCoverage({ pid, signal, exited }: SupervisorProcess): Promise<void> {
  if (COLLECTED === undefined) return;
  let over = false;
  void exited.then(() => {
    over = true;
  });
  signal("SIGUSR2");
  await eventually(async () => {
    if (!over && (await coverageFilesOf(pid)).length === 0) throw new Error("no coverage yet");
  });
}

/**
 * Hands what the supervisors wrote to vitest, when nobody writes any more; one that was killed may have left half a
 * file.
 */
export async function collectCoverage(supervisors: readonly SupervisorProcess[]): Promise<void> {
  if (COLLECTED === undefined) return;
  await mkdir(COLLECTED, { recursive: true });
  for (const file of (await Promise.all(supervisors.map(({ pid }) => coverageFilesOf(pid)))).flat()) {
    const from = join(WRITTEN, file);
    if (isJson(await readFile(from, "utf8"))) await rename(from, join(COLLECTED, file));
  }
}

async function coverageFilesOf(pid: number): Promise<string[]> {
  const names = await readdir(WRITTEN).catch(() => []);
  return names.filter((name) => name.startsWith(`coverage-${pid}-`));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
