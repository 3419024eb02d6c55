import type { PingEvent, WorkflowJobEvent } from "@octokit/webhooks-types";
import type { Installation } from "./apps.ts";
import type { Hook } from "./hooks.ts";
import type { Job } from "./jobs.ts";
import { examplePing, exampleWorkflowJob } from "./payload-examples.ts";
import type { Views } from "./view.ts";
import { type Addresses, nodeId, timestamp } from "./world.ts";

/** The body of a `workflow_job` event: the recorded one of that action, about this job. */
export function workflowJobPayload(
  views: Views,
  job: Job,
  action: WorkflowJobEvent["action"],
  installation: Installation | undefined,
): WorkflowJobEvent {
  const { organization: _, installation: __, ...example } = exampleWorkflowJob(action);
  const { owner } = job.run.repository;
  const payload = {
    ...example,
    action,
    workflow_job: { ...example.workflow_job, ...views.job(job) },
    repository: views.repository(job.run.repository),
    ...(owner.type === "Organization" ? { organization: views.organization(owner) } : {}),
    sender: views.owner(job.run.headRepository.owner),
    // Only an App's own webhook says which installation it is about.
    ...(installation === undefined
      ? {}
      : { installation: { id: installation.id, node_id: nodeId("MDIzOkludGVncmF0aW9u", installation.id) } }),
  };
  if ("deployment" in payload) delete payload.deployment;
  // The union goes by the action, which the compiler cannot follow through the views.
  return payload as unknown as WorkflowJobEvent;
}

/** The body of the `ping` that GitHub sends when a hook is created. */
export function pingPayload(views: Views, { apiUrl }: Addresses, hook: Hook): PingEvent {
  const { target } = hook;
  const example = examplePing(target.kind === "organization" ? "Organization" : "Repository");
  const path = hookPath(hook);
  const { repository: _, organization: __, sender: ___, ...rest } = example;
  const payload = {
    ...rest,
    hook_id: hook.id,
    hook: {
      type: { organization: "Organization", repository: "Repository", app: "App" }[target.kind],
      id: hook.id,
      name: "web",
      active: hook.active,
      events: hook.events,
      config: hookConfig(hook),
      updated_at: timestamp(hook.updatedAt),
      created_at: timestamp(hook.createdAt),
      ...(target.kind === "app" ? { app_id: target.app.id } : {}),
      ...(path === undefined
        ? {}
        : {
            url: `${apiUrl}${path}`,
            ping_url: `${apiUrl}${path}/pings`,
            deliveries_url: `${apiUrl}${path}/deliveries`,
          }),
    },
    ...(target.kind === "repository"
      ? { repository: views.repository(target.repository), sender: views.owner(target.repository.owner) }
      : {}),
    ...(target.kind === "organization"
      ? { organization: views.organization(target.owner), sender: views.owner(target.owner) }
      : {}),
  };
  // The recorded types know no App hooks.
  return payload as unknown as PingEvent;
}

/** The hook's settings as GitHub shows them: never its secret. */
export function hookConfig(hook: Hook): Record<string, string> {
  return {
    content_type: hook.contentType,
    insecure_ssl: hook.insecureSsl ? "1" : "0",
    url: hook.url,
    ...(hook.secret === undefined ? {} : { secret: "********" }),
  };
}

/** Path of the hook below the API's base; an App's hook has none. */
export function hookPath({ id, target }: Hook): string | undefined {
  if (target.kind === "app") return undefined;
  const owner = target.kind === "organization" ? `/orgs/${target.owner.login}` : `/repos/${target.repository.fullName}`;
  return `${owner}/hooks/${id}`;
}
