import * as v from "valibot";
import type { AskGitHub } from "../../cli/github/ask-github.ts";
import { readBody } from "../../dispatcher/github/read-body.ts";

/** A job of a run as GitHub shows it. */
export interface RunJob {
  id: number;
  status: string;
  conclusion: string | null;
  /** Milliseconds since 1970. */
  queuedMs: number;
  takenMs?: number;
  firstStepMs?: number;
  endedMs?: number;
}

const instant = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.transform((text) => Date.parse(text)),
);
const jobs = v.object({
  jobs: v.array(
    v.object({
      id: v.number(),
      status: v.string(),
      conclusion: v.nullable(v.string()),
      runner_name: v.nullish(v.string()),
      created_at: instant,
      started_at: v.nullish(instant),
      completed_at: v.nullish(instant),
      steps: v.optional(v.array(v.object({ started_at: v.nullish(instant) })), []),
    }),
  ),
});

/** GitHub's most on a page, and more than a run here has. */
const PAGE = 100;

/** All jobs of a run; throws an Error with GitHub's words. */
export async function readRunJobs(ask: AskGitHub, repository: string, runId: number): Promise<RunJob[]> {
  const [owner, repo] = repository.split("/");
  const route = "GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs";
  const answer = await ask(route, { owner, repo, run_id: runId, per_page: PAGE });
  if ("failure" in answer) throw new Error(`reading run ${runId}: ${answer.failure.message}`);
  return readBody(jobs, `reading run ${runId}`, answer.body).jobs.map((job) => {
    // Before it has a runner GitHub fills `started_at` too.
    const taken = job.runner_name ? job.started_at : undefined;
    const first = job.steps[0]?.started_at;
    return {
      ...{ id: job.id, status: job.status, conclusion: job.conclusion, queuedMs: job.created_at },
      ...(taken ? { takenMs: taken } : {}),
      ...(first ? { firstStepMs: first } : {}),
      ...(job.completed_at ? { endedMs: job.completed_at } : {}),
    };
  });
}
