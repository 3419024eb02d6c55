import { ApiError, notFound } from "./api-error.ts";
import type { Job, Run } from "./jobs.ts";
import { type Call, type Operations, page, scopeOf } from "./operation.ts";

/** Workflow runs, their jobs, and the repositories that they belong to. */
export const jobOperations: Operations = {
  "repos/get": (call) => {
    const scope = scopeOf(call);
    if (scope.kind !== "repository") throw notFound();
    return {
      status: 200,
      body: { ...call.views.repository(scope.repository), network_count: 0, subscribers_count: 0 },
    };
  },
  "actions/get-job-for-workflow-run": (call) => ({ status: 200, body: call.views.job(namedJob(call)) }),
  "actions/re-run-job-for-workflow-run": (call) => {
    const job = namedJob(call);
    if (job.status !== "completed") throw new ApiError(403, "The workflow run containing this job is already running");
    call.world.jobs.rerun(job.id);
    return { status: 201, body: {} };
  },
  "actions/list-workflow-runs-for-repo": (call) => {
    const scope = scopeOf(call);
    if (scope.kind !== "repository") throw notFound();
    const { status, event, branch } = call.query;
    const runs = call.world.jobs
      .runsOf(scope.repository)
      .map(call.views.run)
      .filter((run) => status === undefined || run.status === status || run.conclusion === status)
      .filter((run) => event === undefined || run.event === event)
      .filter((run) => branch === undefined || run.head_branch === branch);
    const { items, headers } = page(call, runs);
    return { status: 200, body: { total_count: runs.length, workflow_runs: items }, headers };
  },
  "actions/get-workflow-run": (call) => ({ status: 200, body: call.views.run(namedRun(call)) }),
  "actions/list-jobs-for-workflow-run": (call) => {
    const run = namedRun(call);
    const jobs = call.query.filter === "all" ? run.jobs : run.jobs.filter(({ attempt }) => attempt === run.attempt);
    const { items, headers } = page(call, jobs);
    return { status: 200, body: { total_count: jobs.length, jobs: items.map(call.views.job) }, headers };
  },
  "actions/cancel-workflow-run": (call) => {
    const unfinished = namedRun(call).jobs.filter(({ status }) => status !== "completed");
    if (unfinished.length === 0) throw new ApiError(409, "Cannot cancel a workflow run that is completed.");
    for (const { id } of unfinished) call.world.jobs.cancel(id);
    return { status: 202, body: {} };
  },
};

function namedJob(call: Call): Job {
  const job = call.world.jobs.get(Number(call.params.job_id));
  return ofScope(call, job?.run) && job !== undefined ? job : missing();
}

function namedRun(call: Call): Run {
  const run = call.world.jobs.run(Number(call.params.run_id));
  return run !== undefined && ofScope(call, run) ? run : missing();
}

function ofScope(call: Call, run: Run | undefined): boolean {
  const scope = scopeOf(call);
  return scope.kind === "repository" && scope.repository.id === run?.repository.id;
}

function missing(): never {
  throw notFound();
}
