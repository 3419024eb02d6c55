import type { Job, Run } from "./jobs.ts";
import type { View, Views } from "./view.ts";
import { type Addresses, nodeId, timestamp } from "./world.ts";

/** How the API writes a job. */
export function jobView({ apiUrl, htmlUrl }: Addresses): (job: Job) => View {
  return (subject) => {
    const { run, runner } = subject;
    const url = `${apiUrl}/repos/${run.repository.fullName}`;
    return {
      id: subject.id,
      run_id: run.id,
      workflow_name: run.workflowName,
      head_branch: run.headBranch,
      run_url: `${url}/actions/runs/${run.id}`,
      run_attempt: subject.attempt,
      node_id: nodeId("CR", subject.id),
      head_sha: run.headSha,
      url: `${url}/actions/jobs/${subject.id}`,
      html_url: `${htmlUrl}/${run.repository.fullName}/actions/runs/${run.id}/job/${subject.id}`,
      status: subject.status,
      conclusion: subject.conclusion,
      created_at: timestamp(subject.createdAt),
      // GitHub fills it from the start, with the time of creation.
      started_at: timestamp(subject.startedAt ?? subject.createdAt),
      completed_at: subject.completedAt === undefined ? null : timestamp(subject.completedAt),
      name: subject.name,
      steps: steps(subject),
      check_run_url: `${url}/check-runs/${subject.id}`,
      labels: subject.labels,
      runner_id: runner?.id ?? null,
      runner_name: runner?.name ?? null,
      runner_group_id: runner?.groupId ?? null,
      runner_group_name: runner?.groupName ?? null,
    };
  };
}

/** How the API writes the run of a workflow. */
export function runView(
  { apiUrl, htmlUrl }: Addresses,
  { owner, repository }: Pick<Views, "owner" | "repository">,
): (run: Run) => View {
  return (subject) => {
    const url = `${apiUrl}/repos/${subject.repository.fullName}/actions/runs/${subject.id}`;
    const workflowUrl = `${apiUrl}/repos/${subject.repository.fullName}/actions/workflows/1`;
    const actor = owner(subject.headRepository.owner);
    const latest = subject.jobs.filter(({ attempt }) => attempt === subject.attempt);
    return {
      id: subject.id,
      name: subject.workflowName,
      node_id: nodeId("WFR", subject.id),
      head_branch: subject.headBranch,
      head_sha: subject.headSha,
      path: ".github/workflows/ci.yml",
      display_title: subject.workflowName,
      run_number: subject.number,
      run_attempt: subject.attempt,
      event: subject.event,
      ...runState(latest),
      workflow_id: 1,
      check_suite_id: subject.id,
      check_suite_node_id: nodeId("CS", subject.id),
      url,
      html_url: `${htmlUrl}/${subject.repository.fullName}/actions/runs/${subject.id}`,
      pull_requests: [],
      created_at: timestamp(subject.createdAt),
      updated_at: timestamp(subject.createdAt),
      actor,
      triggering_actor: actor,
      run_started_at: timestamp(subject.createdAt),
      jobs_url: `${url}/jobs`,
      logs_url: `${url}/logs`,
      check_suite_url: `${apiUrl}/repos/${subject.repository.fullName}/check-suites/${subject.id}`,
      artifacts_url: `${url}/artifacts`,
      cancel_url: `${url}/cancel`,
      rerun_url: `${url}/rerun`,
      previous_attempt_url: subject.attempt === 1 ? null : `${url}/attempts/${subject.attempt - 1}`,
      workflow_url: workflowUrl,
      head_commit: null,
      repository: repository(subject.repository),
      head_repository: repository(subject.headRepository),
    };
  };
}

function steps(job: Job): View[] {
  if (job.startedAt === undefined) return [];
  const done = job.completedAt !== undefined;
  return ["Set up job", "Run steps", "Complete job"].slice(0, done ? 3 : 1).map((name, index) => ({
    name,
    status: done ? "completed" : "in_progress",
    conclusion: done ? job.conclusion : null,
    number: index + 1,
    started_at: timestamp(job.startedAt ?? job.createdAt),
    completed_at: job.completedAt === undefined ? null : timestamp(job.completedAt),
  }));
}

function runState(jobs: Job[]): { status: string; conclusion: string | null } {
  if (jobs.every(({ status }) => status === "completed")) {
    const worst = ["failure", "cancelled"].find((conclusion) => jobs.some((job) => job.conclusion === conclusion));
    return { status: "completed", conclusion: worst ?? "success" };
  }
  const moving = jobs.some(({ status }) => status === "in_progress" || status === "completed");
  return {
    status: moving ? "in_progress" : jobs.some(({ status }) => status === "queued") ? "queued" : "waiting",
    conclusion: null,
  };
}
