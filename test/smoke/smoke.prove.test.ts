import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KINDS } from "../../smoke/core/kinds.ts";
import { QUESTIONS } from "../../smoke/stages/questions.ts";
import { STAGES } from "../../smoke/stages/stages.ts";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";
import { JOB_STEPS, type SmokeReport } from "../../src/docs/smoke-report.ts";

/** A whole deployment, on a machine that has other things to do. */
const PATIENCE_MS = 1_800_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "smoke-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs it as the task does. */
async function smoke(args: readonly string[] = [], onOutput?: (group: number, output: string) => void) {
  const file = join(folder, "report.json");
  const child = spawn(
    process.execPath,
    ["--import", import.meta.resolve("tsx"), "smoke/main.ts", "--", "--lab", "--report", file, ...args],
    {
      ...{ cwd: PROJECT_ROOT, stdio: ["ignore", "pipe", "inherit"], detached: true },
    },
  );
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString("utf8");
    if (child.pid !== undefined) onOutput?.(-child.pid, output);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [exitCode, stdout] = await Promise.all([ended, text(child.stdout)]);
  const report: SmokeReport = JSON.parse(await readFile(file, "utf8"));
  return { exitCode, stdout, report };
}

describe("the rehearsal of smoke", { timeout: PATIENCE_MS }, () => {
  it("ends well although each stage was cut off once, and answers every question", async () => {
    const { exitCode, stdout, report } = await smoke();

    expect(stdout.match(/cut off, and resumed/g)).toHaveLength(STAGES.length);
    expect(report.stages.map(({ name, status, problems }) => [name, status, ...problems])).toEqual(
      STAGES.map(({ name }) => [name, "passed"]),
    );
    expect(exitCode).toBe(0);
    expect(report.jobs).toHaveLength(KINDS.reduce((sum, { jobs }) => sum + jobs, 0));
    expect(JOB_STEPS.filter((step) => report.jobs.every(({ at }) => at[step] === undefined))).toEqual([]);
    expect(report.answers.map(({ open, answered }) => [open, answered])).toEqual(
      Object.keys(QUESTIONS).map((open) => [open, true]),
    );
    expect([...report.stages, ...report.jobs, ...report.answers].every(({ standIn }) => standIn)).toBe(true);
  });

  it("ends in 1 and names a job that never starts", async () => {
    const { exitCode, stdout } = await smoke(["--fault", "a-job-never-starts"]);

    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^PROBLEM jobs: hello: job \d+ never started: /m);
    expect(stdout).toMatch(/^destroy +passed/m);
    expect(stdout).toMatch(/^role removed +passed/m);
  });

  it("ends in 1 and names a MicroVM that is left", async () => {
    const { exitCode, stdout } = await smoke(["--fault", "a-microvm-is-left"]);

    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^PROBLEM no MicroVM left: MicroVM \S+ was left running, and was ended$/m);
    expect(stdout).toMatch(/^destroy +passed/m);
  });

  it("ends in 1 and takes everything away after a terminal's Ctrl-C, which all of its processes hear", async () => {
    let pressed = false;
    const { exitCode, stdout } = await smoke(["--fault", "a-job-never-starts"], (group, output) => {
      if (pressed || !/^jobs$/m.test(output)) return;
      pressed = true;
      process.kill(group, "SIGINT");
    });

    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^PROBLEM jobs: interrupted$/m);
    for (const stage of ["no MicroVM left", "destroy", "leftovers", "role removed"]) {
      expect(stdout).toMatch(new RegExp(`^${stage} +passed`, "m"));
    }
  });
});
