import * as v from "valibot";
import { permissionLabel } from "../../contract/permissions.ts";
import type { JobStatus, RunnerPlace } from "../core/views.ts";
import type { GitHub } from "../ports.ts";
import { type AppCall, pathOf } from "./app-client.ts";
import { type CallPurpose, GitHubFailure } from "./github-error.ts";
import { readBody } from "./read-body.ts";

/** Calls GitHub about one repository, and answers the body. */
export type CallRepository = (
  where: RunnerPlace,
  purpose: CallPurpose,
  details: Omit<AppCall, "purpose">,
) => Promise<unknown>;

/** GitHub's states of a job; those before `queued` are ones in which no runner can be given to it. */
const STATUSES: Readonly<
  Record<"queued" | "in_progress" | "completed" | "waiting" | "requested" | "pending", JobStatus>
> = {
  queued: "queued",
  in_progress: "in_progress",
  completed: "completed",
  waiting: "waiting",
  requested: "waiting",
  pending: "waiting",
};
const job = v.object({
  status: v.picklist(["queued", "in_progress", "completed", "waiting", "requested", "pending"]),
  conclusion: v.nullable(v.string()),
  runner_name: v.nullish(v.string()),
});

const run = v.object({
  event: v.string(),
  head_repository: v.nullish(v.object({ full_name: v.string() })),
});

/** The jobs of repositories, and the runs that they belong to. */
export function createRepositoryJobs(call: CallRepository): Pick<GitHub, "getJob" | "getRunOrigin"> {
  return {
    async getJob(where, jobId) {
      const purpose = { what: `reading job ${jobId} of ${where.repository}`, permission: permissionLabel("actions") };
      try {
        const body = await call(where, purpose, {
          route: "GET /repos/{owner}/{repo}/actions/jobs/{job_id}",
          parameters: { ...pathOf(where.repository), job_id: jobId },
          repeatable: true,
          expected: [404],
        });
        const { status, conclusion, runner_name } = readBody(job, purpose.what, body);
        return { status: STATUSES[status], conclusion, runnerName: runner_name || null };
      } catch (error: unknown) {
        if (!(error instanceof GitHubFailure)) throw error;
        return undefined;
      }
    },

    async getRunOrigin(where, runId) {
      const purpose = { what: `reading run ${runId} of ${where.repository}`, permission: permissionLabel("actions") };
      const body = await call(where, purpose, {
        route: "GET /repos/{owner}/{repo}/actions/runs/{run_id}",
        parameters: { ...pathOf(where.repository), run_id: runId },
        repeatable: true,
      });
      const { event, head_repository } = readBody(run, purpose.what, body);
      return { event, headRepository: head_repository?.full_name ?? null };
    },
  };
}
