import { execFileSync } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createPerfLog } from "../../../microvm/supervisor/edges/perf-log.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "perf-log-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

it("reads the start of what listener and worker noted, and no more", async () => {
  const perfLog = createPerfLog(directory, undefined);
  const { RUNNER_PERFLOG: folder = "" } = perfLog.install();
  await writeFile(join(folder, "Runner.perf"), "SessionCreated:x\n");
  await writeFile(join(folder, "Worker.perf"), "y".repeat(100_000));

  expect(perfLog.read()).toMatch(/^SessionCreated:x\n\ny+$/);
  expect(perfLog.read().length).toBeLessThan(66_000);
});

it("follows no link that a job has laid, and waits for no pipe", async () => {
  const perfLog = createPerfLog(directory, undefined);
  const { RUNNER_PERFLOG: folder = "" } = perfLog.install();
  await writeFile(join(directory, "secret"), "secret");
  await symlink(join(directory, "secret"), join(folder, "Runner.perf"));
  execFileSync("mkfifo", [join(folder, "Worker.perf")]);

  expect(perfLog.read()).toBe("\n");
});

it("is done without where nothing can be written", async () => {
  await writeFile(join(directory, "full"), "");

  expect(createPerfLog(join(directory, "full"), undefined).install()).toEqual({});
});
