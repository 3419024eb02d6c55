import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type LabGitHub, startGitHub } from "../../../lab/github/start-github.ts";
import { VERSION_FILE } from "../../../lab/runner/version-file.ts";
import { createTestClient } from "./support/client.ts";

const runner = fileURLToPath(new URL("../../../lab/runner/stand-in-runner.ts", import.meta.url));
const started: ChildProcess[] = [];
let github: LabGitHub;
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "runner-"));
  await mkdir(join(directory, dirname(VERSION_FILE)), { recursive: true });
  await writeFile(join(directory, VERSION_FILE), "2.330.0");
  github = await startGitHub({ repositories: ["acme/app"], runnerLostMs: 500 });
});
afterEach(async () => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
  github.assertFaithful();
  await github.close();
  await rm(directory, { recursive: true, force: true });
});

async function startRunner(name: string): Promise<ChildProcess> {
  const call = await createTestClient(github).asInstallation();
  const { data } = await call("POST /repos/acme/app/actions/runners/generate-jitconfig", {
    ...{ name, runner_group_id: 1, labels: ["self-hosted"] },
  });
  const { encoded_jit_config: configuration } = data as { encoded_jit_config: string };
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), runner, "run"], {
    cwd: directory,
    env: { PATH: process.env.PATH, ACTIONS_RUNNER_INPUT_JITCONFIG: configuration },
    stdio: ["ignore", "ignore", "inherit"],
  });
  started.push(child);
  return child;
}

const finished = () => github.events.waitFor(({ kind }) => kind === "job.completed");

it("gives the stand-in runner its job and hears of the result", async () => {
  const job = github.queueJob({ repository: "acme/app", labels: ["self-hosted"], durationMs: 50, result: "failure" });

  const child = await startRunner("one");
  const [code] = await once(child, "exit");

  expect(code).toBe(0);
  expect(github.job(job.id)).toMatchObject({ conclusion: "failure", runner: { name: "one" } });
  expect(github.leftovers()).toEqual({ runners: [], jobs: [] });
});

it("cancels the stand-in runner's job", async () => {
  const job = github.queueJob({ repository: "acme/app", labels: ["self-hosted"], durationMs: 600_000 });
  const child = await startRunner("one");
  await github.events.waitFor(({ kind }) => kind === "job.in_progress");

  github.cancelJob(job.id);
  await once(child, "exit");

  expect(github.job(job.id)?.conclusion).toBe("cancelled");
});

it("fails the job of a runner that is killed in the middle of it", async () => {
  const job = github.queueJob({ repository: "acme/app", labels: ["self-hosted"], durationMs: 600_000 });
  const child = await startRunner("one");
  await github.events.waitFor(({ kind }) => kind === "job.in_progress");

  child.kill("SIGKILL");
  await finished();

  expect(github.job(job.id)?.conclusion).toBe("failure");
  expect(github.leftovers().runners).toEqual([]);
});
