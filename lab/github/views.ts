import type { Owner, Repository } from "./accounts.ts";
import type { App, Installation } from "./apps.ts";
import type { Job, Run } from "./jobs.ts";
import { exampleRepository, rewrite } from "./payload-examples.ts";
import type { Runner } from "./runners.ts";
import { type Addresses, nodeId, timestamp } from "./world.ts";

type View = Record<string, unknown>;

/** How the API writes the things of this GitHub; what the API and the webhooks share stands here once. */
export interface Views {
  owner(owner: Owner): View;
  organization(owner: Owner): View;
  repository(repository: Repository): View;
  runner(runner: Runner): View;
  job(job: Job): View;
  run(run: Run): View;
  app(app: App, installationsCount: number): View;
  installation(installation: Installation): View;
}

/** Views with links to these addresses. */
export function createViews(addresses: Addresses): Views {
  const { apiUrl, htmlUrl } = addresses;
  const owner: Views["owner"] = ({ id, login, type }) => {
    const url = `${apiUrl}/users/${login}`;
    return {
      login,
      id,
      node_id: nodeId(type === "User" ? "U" : "O", id),
      avatar_url: `${htmlUrl}/avatars/${id}`,
      gravatar_id: "",
      url,
      html_url: `${htmlUrl}/${login}`,
      followers_url: `${url}/followers`,
      following_url: `${url}/following{/other_user}`,
      gists_url: `${url}/gists{/gist_id}`,
      starred_url: `${url}/starred{/owner}{/repo}`,
      subscriptions_url: `${url}/subscriptions`,
      organizations_url: `${url}/orgs`,
      repos_url: `${url}/repos`,
      events_url: `${url}/events{/privacy}`,
      received_events_url: `${url}/received_events`,
      type,
      site_admin: false,
    };
  };
  const links = new Map<string, View>();
  const linksOf = (fullName: string): View => {
    const known = links.get(fullName);
    if (known !== undefined) return known;
    const fresh: View = { ...rewrite(exampleRepository(), addresses, fullName) };
    links.set(fullName, fresh);
    return fresh;
  };
  const repository: Views["repository"] = (subject) => ({
    ...linksOf(subject.fullName),
    id: subject.id,
    node_id: nodeId("R", subject.id),
    name: subject.name,
    full_name: subject.fullName,
    private: subject.private,
    visibility: subject.private ? "private" : "public",
    fork: subject.fork,
    owner: owner(subject.owner),
    default_branch: "main",
    has_discussions: false,
  });
  const job: Views["job"] = (subject) => {
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
  const run: Views["run"] = (subject) => {
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
  return {
    owner,
    repository,
    job,
    run,
    organization: ({ id, login }) => ({
      login,
      id,
      node_id: nodeId("O", id),
      url: `${apiUrl}/orgs/${login}`,
      repos_url: `${apiUrl}/orgs/${login}/repos`,
      events_url: `${apiUrl}/orgs/${login}/events`,
      hooks_url: `${apiUrl}/orgs/${login}/hooks`,
      issues_url: `${apiUrl}/orgs/${login}/issues`,
      members_url: `${apiUrl}/orgs/${login}/members{/member}`,
      public_members_url: `${apiUrl}/orgs/${login}/public_members{/member}`,
      avatar_url: `${htmlUrl}/avatars/${id}`,
      description: "",
    }),
    runner: (subject) => ({
      id: subject.id,
      name: subject.name,
      os: subject.os,
      status: subject.status,
      busy: subject.jobId !== undefined,
      ephemeral: true,
      runner_group_id: subject.group.id,
      labels: subject.labels.map((name, index) => ({
        id: index + 1,
        name,
        type: READ_ONLY_LABELS.has(name.toLowerCase()) ? "read-only" : "custom",
      })),
    }),
    app: (subject, installationsCount) => ({
      id: subject.id,
      client_id: subject.clientId,
      slug: subject.slug,
      node_id: nodeId("A", subject.id),
      owner: owner(subject.owner),
      name: subject.slug,
      description: null,
      external_url: htmlUrl,
      html_url: `${htmlUrl}/apps/${subject.slug}`,
      created_at: timestamp(subject.createdAt),
      updated_at: timestamp(subject.createdAt),
      permissions: subject.permissions,
      events: subject.events,
      installations_count: installationsCount,
    }),
    installation: (subject) => ({
      id: subject.id,
      client_id: subject.app.clientId,
      account: owner(subject.account),
      repository_selection: subject.repositories === "all" ? "all" : "selected",
      access_tokens_url: `${apiUrl}/app/installations/${subject.id}/access_tokens`,
      repositories_url: `${apiUrl}/installation/repositories`,
      html_url: `${htmlUrl}/settings/installations/${subject.id}`,
      app_id: subject.app.id,
      app_slug: subject.app.slug,
      target_id: subject.account.id,
      target_type: subject.account.type,
      permissions: subject.permissions,
      events: subject.app.events,
      created_at: timestamp(subject.createdAt),
      updated_at: timestamp(subject.createdAt),
      single_file_name: null,
      has_multiple_single_files: false,
      single_file_paths: [],
      suspended_by: subject.suspended ? owner(subject.account) : null,
      suspended_at: subject.suspended ? timestamp(subject.createdAt) : null,
    }),
  };
}

const READ_ONLY_LABELS = new Set(["self-hosted", "linux", "windows", "macos", "x64", "arm", "arm64"]);

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
