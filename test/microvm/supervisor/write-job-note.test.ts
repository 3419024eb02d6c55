import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DockerState, JobFacts } from "../../../microvm/supervisor/core/job-notes.ts";
import { writeEndNote, writeStartNote } from "../../../microvm/supervisor/write-job-note.ts";

const ENOUGH_MS = 600_000;

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "job-note-"));
  file = join(folder, "facts.json");
});
afterEach(() => rm(folder, { recursive: true }));

const noteFacts = async (phase: DockerState["phase"], stopReason: string | null = null) => {
  const facts: JobFacts = {
    ...{ launchId: "7-1", microvmId: "microvm-1", region: "eu-west-1", memoryMib: 2_048, runnerClass: null },
    ...{ startedAtMs: Date.now(), maxDurationSeconds: 3_600, docker: { phase, reason: "" }, stopReason },
  };
  // As the supervisor writes it: a reader never sees half of it.
  await writeFile(`${file}.new`, JSON.stringify(facts));
  await rename(`${file}.new`, file);
};

async function written(write: (note: (line: string) => void) => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  await write((line) => void lines.push(line));
  return lines;
}

describe("the note at a job's start", () => {
  it("waits for Docker, and warns where it did not come", async () => {
    for (const [phase, warned] of [
      ["ready", false],
      ["off", false],
      ["failed", true],
    ] as const) {
      await noteFacts("starting");
      const waiting = written((write) => writeStartNote(file, ENOUGH_MS, write));
      await noteFacts(phase);
      const [note, warning] = await waiting;
      expect(note).toContain("Runs on MicroVM microvm-1 in eu-west-1");
      expect(warning?.startsWith("::warning title=Docker::") ?? false).toBe(warned);
    }
  });

  it("does so no longer than it may", async () => {
    await noteFacts("starting");
    const [, warning] = await written((write) => writeStartNote(file, 0, write));
    expect(warning).toMatch(/^::warning title=Docker::/);
  });
});

describe("the note at a job's end", () => {
  it("tells why the runner was ended, if it was", async () => {
    await noteFacts("ready");
    expect(await written((write) => writeEndNote(file, write))).toHaveLength(1);
    await noteFacts("ready", "its time is over");
    expect(await written((write) => writeEndNote(file, write))).toEqual([
      "::warning title=MicroVM::The runner was told to end: its time is over.",
      expect.any(String),
    ]);
  });
});
