import * as v from "valibot";
import { GROUP_RUNNERS, permissionLabel, REPOSITORY_RUNNERS } from "../../contract/permissions.ts";
import type { Runner, RunnerPlace } from "../core/views.ts";
import { RefusedError, RunnerExistsError } from "../errors.ts";
import type { GitHub } from "../ports.ts";
import { type AppClient, pathOf } from "./app-client.ts";
import { type CallPurpose, GitHubFailure } from "./github-error.ts";
import { readBody } from "./read-body.ts";
import { type CallRepository, createRepositoryJobs } from "./repository-jobs.ts";

const id = v.pipe(v.number(), v.safeInteger());

const runner = v.object({
  id,
  name: v.string(),
  status: v.picklist(["online", "offline"]),
  busy: v.boolean(),
});
const registered = v.object({ runner: v.object({ id }), encoded_jit_config: v.pipe(v.string(), v.nonEmpty()) });
const runners = v.object({ runners: v.array(runner) });

/** The default group, the only one that a repository has. */
const DEFAULT_GROUP_ID = 1;
const PAGE_SIZE = 100;
/** A repository has at most 10,000 runners, and so has a group (GitHub Actions limits). */
const MAX_PAGES = 100;

/**
 * GitHub's self-hosted runners, and the jobs of repositories. A runner is registered in its job's repository, or, where
 * its place names a runner group, in that group of the repository's owner, which has to be an organization.
 */
export function createRepositoryRunners(client: AppClient): GitHub {
  const call: CallRepository = async ({ groupId, ...where }, purpose, details) => {
    const permissions = groupId === 0 ? REPOSITORY_RUNNERS : GROUP_RUNNERS;
    return (await client.asInstallation(where, permissions, { ...details, purpose })).body;
  };
  return {
    async registerRunner(where, { name, labels }) {
      const purpose = administration(where, `registering runner ${name} in ${where.repository}`);
      const request = {
        route: `POST ${scopeOf(where)}/actions/runners/generate-jitconfig`,
        parameters: {
          ...namesOf(where),
          name,
          labels: [...labels],
          runner_group_id: where.groupId || DEFAULT_GROUP_ID,
          work_folder: "_work",
        },
        // The configuration is shown once: a second call would only be told that the name is taken.
        repeatable: false,
        expected: [409],
      };
      const body = await call(where, purpose, request).catch((error: unknown) => {
        if (!(error instanceof GitHubFailure)) throw error;
        throw new RunnerExistsError(`${purpose.what} was refused: the name is taken`, {
          details: { runnerName: name },
        });
      });
      const { runner, encoded_jit_config } = readBody(registered, purpose.what, body);
      return { runnerId: runner.id, encodedJitConfig: encoded_jit_config };
    },

    async findRunner(where, name) {
      const purpose = administration(where, `finding runner ${name} in ${where.repository}`);
      // Servers that do not know the filter answer with all runners, page by page.
      for (let page = 1; page <= MAX_PAGES; page++) {
        const body = await call(where, purpose, {
          route: `GET ${scopeOf(where)}/actions/runners`,
          parameters: { ...namesOf(where), name, per_page: PAGE_SIZE, page },
          repeatable: true,
        });
        const found: Runner[] = readBody(runners, purpose.what, body).runners;
        const match = found.find((candidate) => candidate.name === name);
        if (match !== undefined || found.length < PAGE_SIZE) return match;
      }
      return undefined;
    },

    async removeRunner(where, runnerId) {
      const purpose = administration(where, `removing runner ${runnerId} from ${where.repository}`);
      try {
        await call(where, purpose, {
          route: `DELETE ${scopeOf(where)}/actions/runners/{runner_id}`,
          parameters: { ...namesOf(where), runner_id: runnerId },
          repeatable: true,
          expected: [404, 422],
        });
        return "removed";
      } catch (error: unknown) {
        if (!(error instanceof GitHubFailure)) throw error;
        if (error.status === 404) return "removed";
        if (/(?:currently|still) running a job/i.test(error.message)) return "busy";
        throw new RefusedError(`${purpose.what} was refused (422): ${error.message}`, { details: { runnerId } });
      }
    },
    ...createRepositoryJobs(call),
  };
}

function scopeOf({ groupId }: RunnerPlace): string {
  return groupId === 0 ? "/repos/{owner}/{repo}" : "/orgs/{owner}";
}

function namesOf({ groupId, repository }: RunnerPlace): { owner: string; repo?: string } {
  const { owner, repo } = pathOf(repository);
  return groupId === 0 ? { owner, repo } : { owner };
}

function administration({ groupId }: RunnerPlace, what: string): CallPurpose {
  return { what, permission: permissionLabel(groupId === 0 ? "administration" : "organization_self_hosted_runners") };
}
