import * as v from "valibot";
import { isForksPullRequest } from "../../dispatcher/core/fork.ts";
import { readBody } from "../../dispatcher/github/read-body.ts";
import type { GitHubJob, Unknown } from "../core/job-evidence.ts";
import type { AskGitHub } from "./ask-github.ts";

/** A job, and the run that it belongs to. */
export interface FoundJob {
  job: GitHubJob;
  runId: number;
}

const jobBody = v.object({
  run_id: v.number(),
  status: v.string(),
  conclusion: v.nullable(v.string()),
  runner_name: v.nullish(v.string()),
  labels: v.array(v.string()),
  created_at: v.pipe(v.string(), v.isoTimestamp()),
});
const runBody = v.object({
  event: v.string(),
  repository: v.object({ full_name: v.string(), private: v.boolean() }),
  head_repository: v.nullish(v.object({ full_name: v.string() })),
});

function partsOf(repository: string): { owner: string; repo: string } {
  const [owner = "", repo = ""] = repository.split("/");
  return { owner, repo };
}

/** The job as GitHub shows it now. */
export async function readJob(ask: AskGitHub, repository: string, jobId: number): Promise<FoundJob | "gone" | Unknown> {
  const where = { ...partsOf(repository), job_id: jobId };
  const answer = await ask("GET /repos/{owner}/{repo}/actions/jobs/{job_id}", where);
  if ("failure" in answer) {
    const { status, message } = answer.failure;
    return status === 404 ? "gone" : { unknown: `${status || "no answer"}: ${message}` };
  }
  const body = readBody(jobBody, `reading job ${jobId}`, answer.body);
  return {
    runId: body.run_id,
    job: {
      status: statusOf(body.status),
      conclusion: body.conclusion,
      // GitHub gives a job that never had a runner an empty name.
      runnerName: body.runner_name || null,
      labels: body.labels,
      createdAt: new Date(body.created_at),
    },
  };
}

// `requested` and `pending` come before `queued`, as `waiting` does.
function statusOf(status: string): GitHubJob["status"] {
  return status === "queued" || status === "in_progress" || status === "completed" ? status : "waiting";
}

/** What of a run decides whether its jobs are served. */
export interface FoundRun {
  /** `owner/name`, as GitHub writes it. */
  repository: string;
  isPublic: boolean;
  isForksPullRequest: boolean;
}

/** The run that a job belongs to. */
export async function readRun(ask: AskGitHub, repository: string, runId: number): Promise<FoundRun | Unknown> {
  const answer = await ask("GET /repos/{owner}/{repo}/actions/runs/{run_id}", {
    ...partsOf(repository),
    run_id: runId,
  });
  if ("failure" in answer) {
    const { status, message } = answer.failure;
    return { unknown: `${status || "no answer"}: ${message}` };
  }
  const run = readBody(runBody, `reading run ${runId}`, answer.body);
  const origin = { event: run.event, headRepository: run.head_repository?.full_name ?? null };
  return {
    repository: run.repository.full_name,
    isPublic: !run.repository.private,
    isForksPullRequest: isForksPullRequest(origin, run.repository.full_name),
  };
}
