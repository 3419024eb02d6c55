import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LabGitHub, startGitHub } from "../../../lab/github/start-github.ts";
import { type Call, createTestClient } from "./support/client.ts";
import { createTestClock, type TestClock } from "./support/clock.ts";

let github: LabGitHub;
let clock: TestClock;
let call: Call;

beforeEach(async () => {
  clock = createTestClock();
  github = await startGitHub({ repositories: ["acme/app", "acme/lib", { fullName: "jane/app", fork: true }], clock });
  call = await createTestClient(github, { now: clock.now }).asInstallation();
});
afterEach(async () => {
  github.assertFaithful();
  await github.close();
});

const queue = (more: object = {}) => github.queueJob({ repository: "acme/app", labels: ["self-hosted"], ...more });

describe("a job", () => {
  it("is seen through the API of its own repository", async () => {
    const job = queue({ name: "test", workflowName: "Checks" });

    const { data } = await call(`GET /repos/acme/app/actions/jobs/${job.id}`);

    expect(data).toMatchObject({ id: job.id, run_id: job.run.id, status: "queued", conclusion: null, name: "test" });
    expect(data).toMatchObject({ workflow_name: "Checks", runner_name: null, labels: ["self-hosted"] });
    expect((await call(`GET /repos/acme/lib/actions/jobs/${job.id}`)).status).toBe(404);
    expect((await call("GET /repos/acme/app/actions/jobs/1")).status).toBe(404);
  });

  it("fails when no runner takes it for 24 hours", () => {
    const job = queue();

    clock.advance(86_399_000);
    expect(job.status).toBe("queued");
    clock.advance(1_000);

    expect(job).toMatchObject({ status: "completed", conclusion: "failure" });
    expect(job.runner).toBeUndefined();
  });

  it("is over at once when it is cancelled before it has a runner", async () => {
    const job = queue();

    github.cancelJob(job.id);

    const { data } = await call(`GET /repos/acme/app/actions/jobs/${job.id}`);
    expect(data).toMatchObject({ status: "completed", conclusion: "cancelled", runner_id: null });
    expect(github.leftovers().jobs).toEqual([]);
  });

  it("waits for an approval where it must", () => {
    const job = queue({ status: "waiting" });
    expect(github.leftovers().jobs).toMatchObject([{ id: job.id, status: "waiting" }]);

    github.releaseJob(job.id);

    expect(job.status).toBe("queued");
    expect(github.events.all().map(({ kind }) => kind)).toEqual(expect.arrayContaining(["job.waiting", "job.queued"]));
  });

  it("becomes a new job of the same run when it is run again", async () => {
    const job = queue();
    expect((await call(`POST /repos/acme/app/actions/jobs/${job.id}/rerun`)).status).toBe(403);
    github.cancelJob(job.id);

    expect((await call(`POST /repos/acme/app/actions/jobs/${job.id}/rerun`)).status).toBe(201);

    const { data } = await call(`GET /repos/acme/app/actions/runs/${job.run.id}/jobs`);
    expect(data).toMatchObject({ total_count: 1, jobs: [{ status: "queued", run_attempt: 2, run_id: job.run.id }] });
    const all = await call(`GET /repos/acme/app/actions/runs/${job.run.id}/jobs`, { filter: "all" });
    expect(all.data).toMatchObject({ total_count: 2 });
  });

  it("needs a repository that is there", () => {
    expect(() => queue({ repository: "acme/nothing" })).toThrow("there is no repository acme/nothing");
  });
});

describe("a run", () => {
  it("has the jobs that were added to it, and their state", async () => {
    const first = queue();
    const second = queue({ runId: first.run.id, name: "second" });

    github.cancelJob(first.id);
    const half = await call(`GET /repos/acme/app/actions/runs/${first.run.id}`);
    github.cancelJob(second.id);
    const whole = await call(`GET /repos/acme/app/actions/runs/${first.run.id}`);

    expect(half.data).toMatchObject({ status: "in_progress", conclusion: null });
    expect(whole.data).toMatchObject({ status: "completed", conclusion: "cancelled" });
  });

  it("is listed by status", async () => {
    const done = queue();
    github.cancelJob(done.id);
    const open = queue();

    const { data } = await call("GET /repos/acme/app/actions/runs", { status: "queued" });

    expect(data).toMatchObject({ total_count: 1, workflow_runs: [{ id: open.run.id }] });
  });

  it("tells of the fork that a pull request comes from", async () => {
    const job = queue({ headRepository: "jane/app" });

    const { data } = await call(`GET /repos/acme/app/actions/runs/${job.run.id}`);

    expect(data).toMatchObject({
      event: "pull_request",
      repository: { full_name: "acme/app" },
      head_repository: { full_name: "jane/app", fork: true },
    });
  });

  it("is cancelled with all of its jobs, once", async () => {
    const first = queue();
    const second = queue({ runId: first.run.id });
    const path = `POST /repos/acme/app/actions/runs/${first.run.id}/cancel`;

    expect((await call(path)).status).toBe(202);

    expect([first.conclusion, second.conclusion]).toEqual(["cancelled", "cancelled"]);
    expect((await call(path)).status).toBe(409);
  });
});
