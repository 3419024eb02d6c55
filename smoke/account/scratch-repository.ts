import * as v from "valibot";
import type { AskGitHub } from "../../cli/github/ask-github.ts";
import { UsageError } from "../../cli/usage-error.ts";
import { readBody } from "../../dispatcher/github/read-body.ts";
import { type Kind, workflowOf, workflowPath } from "../core/kinds.ts";

/** A branch of the scratch repository, on which each kind's workflow runs once for its own push. */
export interface ScratchRepository {
  /** Pushes the workflow; answers the run that follows from it. */
  begin(kind: Kind, labels: readonly string[]): Promise<number>;
  cancel(runId: number): Promise<void>;
  /** Cancels what runs on the branch, whoever began it. */
  cancelAll(): Promise<void>;
  /** Why it cannot be worked in, each reason in a sentence. */
  lacking(): Promise<string[]>;
  deleteBranch(): Promise<void>;
}

const repositoryBody = v.object({
  default_branch: v.string(),
  archived: v.optional(v.boolean(), false),
  permissions: v.optional(v.object({ push: v.boolean() })),
});
const refBody = v.object({ object: v.object({ sha: v.string() }) });
const fileBody = v.object({ sha: v.string() });
const pushed = v.object({ commit: v.object({ sha: v.string() }) });
const runs = v.object({
  workflow_runs: v.array(v.object({ id: v.number(), path: v.string(), status: v.nullish(v.string()) })),
});

/** GitHub's most on a page, and more than one run of smoke has at a time. */
const PAGE = 100;
/** GitHub shows a run some seconds after the push: so many looks, `lookMs` apart. */
const LOOKS = 20;

export function createScratchRepository(
  ask: AskGitHub,
  { repository, branch, wait }: { repository: string; branch: string; wait(): Promise<void> },
): ScratchRepository {
  const [owner, repo] = repository.split("/");
  const where = { owner, repo };

  async function call(route: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const answer = await ask(route, { ...where, ...parameters });
    if ("body" in answer) return answer.body;
    const { status, message } = answer.failure;
    throw new UsageError(`${route.replace(/\{owner\}\/\{repo\}/, repository)}: ${status || "no answer"}: ${message}`);
  }

  /** Undefined where GitHub knows no such thing. */
  async function find(route: string, parameters: Readonly<Record<string, unknown>>): Promise<unknown> {
    const answer = await ask(route, { ...where, ...parameters });
    if ("body" in answer) return answer.body;
    if (answer.failure.status === 404) return undefined;
    throw new UsageError(`${route}: ${answer.failure.message}`);
  }

  const readRepository = async () =>
    readBody(repositoryBody, "the repository", await call("GET /repos/{owner}/{repo}"));

  const hasBranch = async () =>
    (await find("GET /repos/{owner}/{repo}/git/ref/{ref}", { ref: `heads/${branch}` })) !== undefined;

  async function makeBranch(): Promise<void> {
    if (await hasBranch()) return;
    const { default_branch: base } = await readRepository();
    const head = await call("GET /repos/{owner}/{repo}/git/ref/{ref}", { ref: `heads/${base}` });
    const { sha } = readBody(refBody, `the head of ${base}`, head).object;
    await call("POST /repos/{owner}/{repo}/git/refs", { ref: `refs/heads/${branch}`, sha });
  }

  async function cancel(runId: number): Promise<void> {
    const route = "POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel";
    const answer = await ask(route, { ...where, run_id: runId });
    // 409: it is over (REST API, cancel a workflow run).
    if ("failure" in answer && answer.failure.status !== 409) throw new UsageError(answer.failure.message);
  }

  return {
    cancel,
    async cancelAll() {
      const found = await call("GET /repos/{owner}/{repo}/actions/runs", { branch, per_page: PAGE });
      const open = readBody(runs, "the runs", found).workflow_runs.filter(({ status }) => status !== "completed");
      for (const { id } of open) await cancel(id);
    },
    async lacking() {
      const { permissions, archived } = await readRepository();
      if (archived) return [`${repository} is archived`];
      if (permissions?.push !== true) return [`GITHUB_TOKEN may not push to ${repository}`];
      if (!(await hasBranch())) return [];
      return [`${repository} has a branch ${branch}: another run's? Delete it, or choose another --name-prefix`];
    },
    async begin(kind, labels) {
      await makeBranch();
      const path = workflowPath(kind);
      const route = "{owner}/{repo}/contents/{path}";
      const before = await find(`GET /repos/${route}`, { path, ref: branch });
      const sha = before === undefined ? {} : { sha: readBody(fileBody, path, before).sha };
      const body = await call(`PUT /repos/${route}`, {
        ...{ path, branch, message: `smoke: ${kind.name}`, ...sha },
        // A push that changes nothing starts nothing: each has its moment.
        content: Buffer.from(`# ${new Date().toISOString()}\n${workflowOf(kind, branch, labels)}`).toString("base64"),
      });
      const commit = readBody(pushed, `the push of ${path}`, body).commit.sha;
      for (let look = 1; look <= LOOKS; look++) {
        await wait();
        const found = await call("GET /repos/{owner}/{repo}/actions/runs", { head_sha: commit });
        const run = readBody(runs, "the runs", found).workflow_runs.find((each) => each.path === path);
        if (run !== undefined) return run.id;
      }
      throw new UsageError(`GitHub started no run of ${path}: are Actions enabled in ${repository}?`);
    },
    async deleteBranch() {
      const route = "DELETE /repos/{owner}/{repo}/git/refs/{ref}";
      const answer = await ask(route, { ...where, ref: `heads/${branch}` });
      // 422: there is none (REST API, delete a reference).
      if ("failure" in answer && ![404, 422].includes(answer.failure.status)) {
        throw new UsageError(`the branch ${branch} was not deleted: ${answer.failure.message}`);
      }
    },
  };
}
