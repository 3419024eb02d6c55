import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GitHubOptions, type LabGitHub, startGitHub } from "../../../lab/github/start-github.ts";
import { createTestClient } from "./support/client.ts";
import { createTestRunner } from "./support/runner.ts";

let github: LabGitHub;

const start = async (options: Partial<GitHubOptions> = {}) => {
  await github?.close();
  github = await startGitHub({ repositories: ["acme/app", "acme/lib"], pollMs: 10_000, ...options });
};
beforeEach(() => start());
afterEach(async () => {
  github.assertFaithful();
  await github.close();
});

async function register(name: string, labels = ["self-hosted"], where = "repos/acme/app", groupId = 1) {
  const call = await createTestClient(github).asInstallation();
  const { data } = await call(`POST /${where}/actions/runners/generate-jitconfig`, {
    ...{ name, labels, runner_group_id: groupId },
  });
  const { runner, encoded_jit_config } = data as { runner: { id: number }; encoded_jit_config: string };
  return { id: runner.id, runner: createTestRunner(encoded_jit_config) };
}

async function listening(name: string, labels?: string[], where?: string, groupId?: number) {
  const { id, runner } = await register(name, labels, where, groupId);
  await runner.open();
  return { id, runner, message: runner.poll() };
}

const queue = (labels: string[], repository = "acme/app") => github.queueJob({ repository, labels });
const kinds = () => github.events.all().map(({ kind }) => kind);

describe("a runner", () => {
  it("is online from its session on, and offline when that ends", async () => {
    const { id, runner } = await register("one");

    expect(await runner.open()).toBe(200);
    expect(github.runners()).toMatchObject([{ id, status: "online", os: "Linux" }]);
    expect(await runner.open()).toBe(409);
    expect(await runner.close()).toBe(204);

    expect(github.runners()).toMatchObject([{ id, status: "offline" }]);
    expect(github.leftovers().runners).toHaveLength(1);
  });

  it("of a version that GitHub refuses is told so, or nothing, and gets no job", async () => {
    github.refuseRunner("2.330.0", "told");
    github.refuseRunner("2.331.0", "silent");
    const { id, runner: told } = await register("told");
    const { runner: silent } = await register("silent");
    expect(await told.open("2.330.0")).toBe(200);
    expect(await silent.open("2.331.0")).toBe(200);
    const waiting = silent.poll();
    const job = queue(["self-hosted"]);

    expect(await told.poll()).toBe(403);
    expect(job.status).toBe("queued");
    expect(github.runners().map((runner) => runner.id)).toContain(id);

    github.refuseRunner("2.331.0", undefined);
    expect(await waiting).toMatchObject({ messageType: "job", jobId: job.id });
  });

  it("gets no session when its registration is gone or is another's", async () => {
    const { id, runner } = await register("one");
    const call = await createTestClient(github).asInstallation();
    await call(`DELETE /repos/acme/app/actions/runners/${id}`);

    expect(await runner.open()).toBe(401);
    expect(await runner.poll()).toBe(401);
  });

  it("is told nothing when a poll's time is over", async () => {
    await start({ pollMs: 50 });
    const { runner } = await register("one");
    await runner.open();

    expect(await runner.poll()).toBeUndefined();
  });

  it("is told when its registration is deleted while it listens", async () => {
    const { id, message } = await listening("one");
    const call = await createTestClient(github).asInstallation();

    expect((await call(`DELETE /repos/acme/app/actions/runners/${id}`)).status).toBe(204);

    expect(await message).toBe(401);
  });
});

describe("a job", () => {
  it("runs on a runner, which is gone afterwards", async () => {
    const job = queue(["self-hosted"]);
    const { id, runner, message } = await listening("one");

    expect(await message).toMatchObject({ messageType: "job", jobId: job.id, name: "build", result: "success" });
    expect(github.job(job.id)).toMatchObject({ status: "in_progress", runner: { id, name: "one" } });
    const call = await createTestClient(github).asInstallation();
    expect((await call(`GET /repos/acme/app/actions/runners/${id}`)).data).toMatchObject({
      status: "online",
      busy: true,
    });
    expect(await runner.log(job.id, ["hello"])).toBe(200);
    expect(await runner.complete(job.id, "success")).toBe(200);

    expect(github.job(job.id)).toMatchObject({ status: "completed", conclusion: "success", log: ["hello"] });
    expect(await runner.poll()).toBe(401);
    expect(await runner.close()).toBe(204);
    expect(github.leftovers()).toEqual({ runners: [], jobs: [] });
    expect(kinds().filter((kind) => kind !== "api.call" && kind !== "token.created")).toEqual([
      ...["job.queued", "runner.registered", "runner.online", "runner.busy", "job.in_progress"],
      ...["job.completed", "runner.removed", "runner.offline"],
    ]);
  });

  it("keeps its runner from being deleted", async () => {
    const job = queue(["self-hosted"]);
    const { id, message } = await listening("one");
    await message;
    const call = await createTestClient(github).asInstallation();

    const { status, data } = await call(`DELETE /repos/acme/app/actions/runners/${id}`);

    expect(status).toBe(422);
    expect(data).toMatchObject({
      message: 'Bad request - Runner "one" is currently running a job and cannot be deleted.',
    });
    expect(github.job(job.id)?.status).toBe("in_progress");
  });

  it("goes to any idle runner with its labels, whichever it was made for: the oldest first", async () => {
    const older = queue(["self-hosted", "MicroVM"]);
    const younger = queue(["self-hosted"]);

    const { message } = await listening("for-the-younger", ["SELF-HOSTED", "microvm", "extra"]);

    expect(await message).toMatchObject({ jobId: older.id });
    expect(github.job(younger.id)?.status).toBe("queued");
  });

  it("waits for a runner that has all of its labels", async () => {
    const job = queue(["self-hosted", "gpu"]);
    const other = await listening("plain");
    const { message } = await listening("gpu", ["self-hosted", "gpu"]);

    expect(await message).toMatchObject({ jobId: job.id });
    const next = queue(["self-hosted"]);
    expect(await other.message).toMatchObject({ jobId: next.id });
  });

  it("goes to runners of its own repository, or of the organization in a group that serves it", async () => {
    await start({ runnerGroups: [{ id: 5, name: "lib only", repositories: ["lib"] }] });
    const job = queue(["self-hosted"]);
    const elsewhere = await listening("elsewhere", ["self-hosted"], "repos/acme/lib");
    const closed = await listening("closed", ["self-hosted"], "orgs/acme", 5);
    const open = await listening("open", ["self-hosted"], "orgs/acme");

    expect(await open.message).toMatchObject({ jobId: job.id });
    queue(["self-hosted"], "acme/lib");
    queue(["self-hosted"], "acme/lib");
    expect(await elsewhere.message).toMatchObject({ messageType: "job" });
    expect(await closed.message).toMatchObject({ messageType: "job" });
  });

  it("is not another runner's to end", async () => {
    const job = queue(["self-hosted"]);
    const { message } = await listening("one");
    await message;
    const { runner } = await register("two");
    await runner.open();

    expect(await runner.complete(job.id, "success")).toBe(404);
    expect(github.job(job.id)?.status).toBe("in_progress");
  });

  it("fails when its runner is not heard of any more", async () => {
    await start({ runnerLostMs: 200 });
    const job = queue(["self-hosted"]);
    const { message } = await listening("one");
    await message;

    await github.events.waitFor(({ kind }) => kind === "job.completed");

    expect(github.job(job.id)).toMatchObject({ conclusion: "failure", runner: { name: "one" } });
    expect(kinds()).toContain("runner.lost");
    expect(github.leftovers().runners).toEqual([]);
  });

  it("does not fail while its runner listens for a cancellation", async () => {
    await start({ runnerLostMs: 100, pollMs: 600 });
    const job = queue(["self-hosted"]);
    const { runner, message } = await listening("one");
    await message;

    expect(await runner.poll()).toBeUndefined();

    expect(github.job(job.id)?.status).toBe("in_progress");
    expect(await runner.complete(job.id, "success")).toBe(200);
  });

  it("is cancelled through its runner", async () => {
    const job = queue(["self-hosted"]);
    const { runner, message } = await listening("one");
    await message;
    const cancellation = runner.poll();

    github.cancelJob(job.id);

    expect(await cancellation).toEqual({ messageType: "cancel", jobId: job.id });
    expect(await runner.complete(job.id, "cancelled")).toBe(200);
    expect(github.job(job.id)?.conclusion).toBe("cancelled");
  });

  it("is ended by GitHub when its runner does not obey", async () => {
    await start({ cancelTimeoutMs: 100 });
    const job = queue(["self-hosted"]);
    const { message } = await listening("one");
    await message;

    github.cancelJob(job.id);
    await github.events.waitFor(({ kind }) => kind === "job.completed");

    expect(github.job(job.id)?.conclusion).toBe("cancelled");
  });
});

describe("a runner that stops listening", () => {
  it("is given no job, counts as lost after a while and keeps its registration", async () => {
    await start({ runnerLostMs: 100 });
    const { runner } = await register("one");
    await runner.open();
    const hangUp = new AbortController();
    const message = runner.poll(hangUp.signal);
    hangUp.abort();
    await expect(message).rejects.toThrow();

    await github.events.waitFor(({ kind }) => kind === "runner.lost");
    const job = queue(["self-hosted"]);

    expect(github.job(job.id)?.status).toBe("queued");
    expect(github.runners()).toMatchObject([{ name: "one", status: "offline" }]);
    expect(await runner.open()).toBe(200);
    expect(await runner.poll()).toMatchObject({ jobId: job.id });
  });
});
