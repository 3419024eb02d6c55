import { describe, expect, it } from "vitest";
import type { GitHubAnswer } from "../../../cli/github/ask-github.ts";
import { readJob, readRun } from "../../../cli/github/read-job.ts";
import { GitHubFailure } from "../../../dispatcher/github/github-error.ts";

const failure = (status: number): GitHubAnswer => ({ failure: new GitHubFailure("no", status) });
const createdAt = "2026-01-01T00:00:00Z";

describe("a job", () => {
  const read = (answer: GitHubAnswer) => readJob(async () => answer, "my-org/shop", 11);
  const body = {
    run_id: 22,
    status: "queued",
    conclusion: null,
    runner_name: "",
    labels: ["microvm"],
    created_at: createdAt,
  };

  it("is shown as GitHub has it, held back where that knows more states", async () => {
    const job = {
      status: "queued",
      conclusion: null,
      runnerName: null,
      labels: ["microvm"],
      createdAt: new Date(createdAt),
    };

    expect(await read({ body })).toEqual({ runId: 22, job });
    for (const status of ["queued", "in_progress", "completed", "waiting"]) {
      expect(await read({ body: { ...body, status } })).toMatchObject({ job: { status } });
    }
    expect(await read({ body: { ...body, status: "requested" } })).toMatchObject({ job: { status: "waiting" } });
    expect(await read({ body: { ...body, runner_name: "gha-11-1" } })).toMatchObject({
      job: { runnerName: "gha-11-1" },
    });
  });

  it("may be gone, or not be told of", async () => {
    expect(await read(failure(404))).toBe("gone");
    expect(await read(failure(403))).toEqual({ unknown: "403: no" });
    expect(await read(failure(0))).toEqual({ unknown: "no answer: no" });
  });
});

describe("a run", () => {
  const read = (answer: GitHubAnswer) => readRun(async () => answer, "my-org/shop", 22);
  const repository = { full_name: "my-org/shop", private: false };

  it("tells whether a fork's pull request started it", async () => {
    const of = (event: string, head: string | null) =>
      read({ body: { event, repository, head_repository: head === null ? null : { full_name: head } } });

    expect(await of("push", "my-org/shop")).toEqual({
      repository: "my-org/shop",
      isPublic: true,
      isForksPullRequest: false,
    });
    expect(await of("pull_request", "other/shop")).toMatchObject({ isForksPullRequest: true });
    expect(await of("pull_request", null)).toMatchObject({ isForksPullRequest: true });
  });

  it("may not be told of", async () => {
    expect(await read(failure(404))).toEqual({ unknown: "404: no" });
    expect(await read(failure(0))).toEqual({ unknown: "no answer: no" });
  });
});
