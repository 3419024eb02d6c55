import type { WorkflowJobEvent } from "@octokit/webhooks-types";
import { pingPayload, workflowJobPayload } from "./payloads.ts";
import type { createViews } from "./views.ts";
import type { World } from "./world.ts";

/** Sends what happens to every hook that wants to know. */
export function notifyHooks(world: World, views: ReturnType<typeof createViews>): void {
  const { hooks, jobs, deliveries, apps, addresses } = world;
  hooks.onCreated((hook) =>
    deliveries.deliver(hook, {
      event: "ping",
      action: null,
      payload: pingPayload(views, addresses, hook),
      installationId: null,
      repositoryId: hook.target.kind === "repository" ? hook.target.repository.id : null,
    }),
  );
  jobs.onChange((job, change) => {
    if (change === "cancel_requested") return;
    const action: WorkflowJobEvent["action"] = change;
    const { repository } = job.run;
    for (const hook of hooks.all()) {
      const { target, events } = hook;
      if (!events.includes("workflow_job") && !events.includes("*")) continue;
      if (target.kind === "repository" && target.repository.id !== repository.id) continue;
      if (target.kind === "organization" && target.owner.id !== repository.owner.id) continue;
      const installation = target.kind === "app" ? apps.installationFor(target.app, repository.owner) : undefined;
      if (target.kind === "app" && (installation === undefined || !apps.covers(installation, repository))) continue;
      deliveries.deliver(hook, {
        event: "workflow_job",
        action,
        payload: workflowJobPayload(views, job, action, installation),
        installationId: installation?.id ?? null,
        repositoryId: repository.id,
        jobId: job.id,
      });
    }
  });
}
