import { spawn } from "node:child_process";
import { appendFile, mkdir } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { onLines } from "../../microvm/supervisor/edges/split-lines.ts";
import type { Broker, JobId } from "./broker-client.ts";

export interface Job {
  jobId: JobId;
  name: string;
  durationMs: number;
  /** The conclusion that its steps lead to when nothing stops them. */
  result: string;
  /** Whether a step of it uses Docker. */
  dockerNeeded?: true;
}

/**
 * Runs a job as the runner's worker would: the started hook, the steps, the completed hook, a log for the job's page.
 */
export async function runJob(root: string, job: Job, broker: Broker, cancel: AbortSignal): Promise<string> {
  const log = async (lines: string[]): Promise<void> => {
    if (lines.length === 0) return;
    await diagnose(root, lines);
    // The job's log is not the job: GitHub loses lines, not results, when an upload fails.
    await broker.sendLog(job.jobId, lines).catch(() => {});
  };
  const started = await runHook("ACTIONS_RUNNER_HOOK_JOB_STARTED", "Set up runner", root);
  await log(started.lines);
  const docker = job.dockerNeeded === true ? await findDocker() : { ok: true, lines: [] };
  await log(docker.lines);
  let result = started.ok && docker.ok ? await runSteps(job, cancel) : "failure";
  const completed = await runHook("ACTIONS_RUNNER_HOOK_JOB_COMPLETED", "Complete runner", root);
  await log(completed.lines);
  if (!completed.ok && result === "success") result = "failure";
  return result;
}

async function runSteps(job: Job, cancel: AbortSignal): Promise<string> {
  try {
    await pause(job.durationMs, undefined, { signal: cancel });
    return job.result;
  } catch {
    return "cancelled";
  }
}

/** What a step that uses Docker would find. */
function findDocker(): Promise<{ ok: boolean; lines: string[] }> {
  const host = process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock";
  const missing = `Cannot connect to the Docker daemon at ${host}. Is the docker daemon running?`;
  return new Promise((resolve) => {
    const outgoing = request({ socketPath: host.replace(/^unix:\/\//, ""), path: "/_ping" }, (response) => {
      response.resume();
      resolve({ ok: true, lines: ["docker version"] });
    });
    outgoing.once("error", () => resolve({ ok: false, lines: [missing] }));
    outgoing.end();
  });
}

/** Hooks get the job's environment, and their output stands in the job's log. */
async function runHook(variable: string, step: string, root: string): Promise<{ ok: boolean; lines: string[] }> {
  const script = process.env[variable];
  if (script === undefined || script === "") return { ok: true, lines: [] };
  const lines = [`##[group]${step}`];
  const child = spawn("/bin/bash", ["-e", script], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  onLines(child.stdout, (line) => void lines.push(line));
  onLines(child.stderr, (line) => void lines.push(line));
  const code = await new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(null));
    child.once("close", resolve);
  });
  return { ok: code === 0, lines: [...lines, "##[endgroup]"] };
}

async function diagnose(root: string, lines: string[]): Promise<void> {
  await mkdir(join(root, "_diag"), { recursive: true });
  await appendFile(join(root, "_diag", `Worker_${process.pid}.log`), `${lines.join("\n")}\n`);
}
