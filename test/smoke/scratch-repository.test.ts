import { describe, expect, it } from "vitest";
import type { AskGitHub } from "../../cli/github/ask-github.ts";
import { GitHubFailure } from "../../dispatcher/github/github-error.ts";
import { createScratchRepository } from "../../smoke/account/scratch-repository.ts";
import { KINDS, workflowPath } from "../../smoke/core/kinds.ts";

const [HELLO] = KINDS;
const LABELS = ["self-hosted", "gha-smoke"];

/** GitHub, as far as its REST API describes these calls. */
function scratch(change: { runsAfter?: number; conflict?: boolean; repository?: object; branch?: boolean } = {}) {
  const refs = new Map([["heads/main", "a".repeat(40)]]);
  if (change.branch) refs.set("heads/smoke-gha-smoke", "b".repeat(40));
  const files = new Map<string, { sha: string; text: string }>();
  const calls: string[] = [];
  let looks = 0;
  const missing = { failure: new GitHubFailure("Not Found", 404) };
  const ask: AskGitHub = async (route, parameters = {}) => {
    calls.push(parameters.run_id === undefined ? route : `${route} ${parameters.run_id}`);
    const { ref = "", path = "", head_sha: head } = parameters;
    switch (route) {
      case "GET /repos/{owner}/{repo}":
        return { body: { default_branch: "main", permissions: { push: true }, ...change.repository } };
      case "GET /repos/{owner}/{repo}/git/ref/{ref}": {
        const sha = refs.get(String(ref));
        return sha === undefined ? missing : { body: { object: { sha } } };
      }
      case "POST /repos/{owner}/{repo}/git/refs":
        refs.set(String(ref).replace("refs/", ""), String(parameters.sha));
        return { body: {} };
      case "DELETE /repos/{owner}/{repo}/git/refs/{ref}":
        return refs.delete(String(ref))
          ? { body: undefined }
          : { failure: new GitHubFailure("Reference does not exist", 422) };
      case "GET /repos/{owner}/{repo}/contents/{path}": {
        const file = files.get(String(path));
        return file === undefined ? missing : { body: { sha: file.sha } };
      }
      case "PUT /repos/{owner}/{repo}/contents/{path}": {
        if (files.get(String(path))?.sha !== parameters.sha)
          return { failure: new GitHubFailure("does not match", 409) };
        const text = Buffer.from(String(parameters.content), "base64").toString("utf8");
        files.set(String(path), { sha: `blob ${files.size}`, text });
        return { body: { commit: { sha: "c".repeat(40) } } };
      }
      case "GET /repos/{owner}/{repo}/actions/runs":
        if (parameters.branch !== undefined) {
          const listed = [
            { id: 7, path: "a", status: "completed" },
            { id: 8, path: "b", status: "queued" },
          ];
          return { body: { workflow_runs: listed } };
        }
        looks += 1;
        expect(head).toBe("c".repeat(40));
        return {
          body: {
            workflow_runs:
              looks <= (change.runsAfter ?? 0)
                ? []
                : [
                    { id: 5, path: ".github/workflows/other.yml" },
                    { id: 6, path: [...files.keys()].at(-1) },
                  ],
          },
        };
      case "POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel":
        return change.conflict ? { failure: new GitHubFailure("Cannot cancel", 409) } : { body: {} };
      default:
        throw new Error(route);
    }
  };
  const repository = createScratchRepository(ask, {
    ...{ repository: "my-org/scratch", branch: "smoke-gha-smoke" },
    wait: async () => undefined,
  });
  return { repository, refs, files, calls };
}

describe("the scratch repository", () => {
  it("gets a branch and a workflow that runs there, and answers its run", async () => {
    if (HELLO === undefined) throw new Error("there is no kind");
    const { repository, refs, files } = scratch({ runsAfter: 2 });

    expect(await repository.begin(HELLO, LABELS)).toBe(6);
    expect([...refs.keys()]).toEqual(["heads/main", "heads/smoke-gha-smoke"]);
    expect(files.get(workflowPath(HELLO))?.text).toContain("branches: [smoke-gha-smoke]");
    // Begun once more after a kill.
    expect(await repository.begin(HELLO, LABELS)).toBe(6);
  });

  it("says when no run comes of it", async () => {
    if (HELLO === undefined) throw new Error("there is no kind");
    const { repository } = scratch({ runsAfter: 1_000 });
    await expect(repository.begin(HELLO, LABELS)).rejects.toThrow("are Actions enabled in my-org/scratch?");
  });

  it("loses its branch in the end, also when it had none, and keeps the others", async () => {
    if (HELLO === undefined) throw new Error("there is no kind");
    const { repository, refs } = scratch();
    await repository.begin(HELLO, LABELS);
    await repository.deleteBranch();
    await repository.deleteBranch();
    expect([...refs.keys()]).toEqual(["heads/main"]);
  });

  it.each([
    [{}, []],
    [{ repository: { permissions: { push: false } } }, ["GITHUB_TOKEN may not push to my-org/scratch"]],
    [{ repository: { permissions: undefined } }, ["GITHUB_TOKEN may not push to my-org/scratch"]],
    [{ repository: { archived: true } }, ["my-org/scratch is archived"]],
    [{ branch: true }, [expect.stringContaining("has a branch smoke-gha-smoke")]],
  ])("is looked at before anything is made: %j", async (change, reasons) => {
    const { repository, calls } = scratch(change);
    expect(await repository.lacking()).toEqual(reasons);
    expect(calls.filter((route) => !route.startsWith("GET "))).toEqual([]);
  });

  it("loses the runs that nobody noted too", async () => {
    const { repository, calls } = scratch();
    await repository.cancelAll();
    expect(calls.filter((route) => route.startsWith("POST "))).toEqual([expect.stringMatching(/\/cancel 8$/)]);
  });

  it("does not mind a run that is over before it is cancelled", async () => {
    await scratch({ conflict: true }).repository.cancel(6);
  });
});
