import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { unwrapJitConfig } from "../../../contract/run-payload.ts";
import { ThrottledError } from "../../../dispatcher/errors.ts";
import { createGitHub } from "../../../dispatcher/github/create-github.ts";
import type { GitHub } from "../../../dispatcher/ports.ts";
import { createMemoryGitHub, type MemoryGitHub } from "../../../lab/world/services/memory-github.ts";
import { createAppKey, steadyKey } from "../../support/app-key.ts";
import { type GitHubServer, startGitHubServer } from "../../support/github-server.ts";
import { createSecretWatch } from "../../support/secret-watch.ts";

interface Subject {
  github: GitHub;
  memory: MemoryGitHub;
}

const clock = { now: () => new Date() };
const key = createAppKey();
const secrets = createSecretWatch();
for (const line of key.pkcs1.split("\n").slice(1, -2)) secrets.addSecret(line);

const servers: GitHubServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.close();
});

async function inMemory(): Promise<Subject> {
  const memory = createMemoryGitHub({ clock, repositories: ["acme/shop", "acme/site"] });
  return { github: secrets.watch<GitHub>(memory), memory };
}

async function overHttp(): Promise<Subject> {
  const { memory } = await inMemory();
  const server = await startGitHubServer({
    github: memory,
    basePath: "/api/v3",
    appId: "4711",
    publicKey: key.publicKey,
    installations: { "acme/shop": 33, "acme/site": 34 },
    now: clock.now,
  });
  servers.push(server);
  const github = createGitHub({
    apiUrl: server.apiUrl,
    app: { appId: "4711", key: steadyKey(key.pkcs1) },
    send: { sleep: async () => undefined },
  });
  return { github: secrets.watch(github), memory };
}

const RUNNER_GROUP_ID = 7;
const implementations: [string, number, () => Promise<Subject>][] = [
  ["in memory", 0, inMemory],
  ["GitHub's REST API", 0, overHttp],
  ["in memory, with runners of the organization", RUNNER_GROUP_ID, inMemory],
  ["GitHub's REST API, with a runner group", RUNNER_GROUP_ID, overHttp],
];
const labels = ["self-hosted", "microvm"];

describe.each(implementations)("GitHub, %s", (_, groupId, create) => {
  const shop = { repository: "acme/shop", groupId };
  let subject: Subject;
  beforeEach(async () => {
    subject = await create();
  });

  it("registers a runner whose configuration names it", async () => {
    const { github } = subject;

    const { runnerId, encodedJitConfig } = await github.registerRunner(shop, { name: "gha-1-1", labels });
    secrets.addSecret(encodedJitConfig);

    expect(unwrapJitConfig(encodedJitConfig)[".runner"]).toContain("gha-1-1");
    expect(await github.findRunner(shop, "gha-1-1")).toEqual({
      id: runnerId,
      name: "gha-1-1",
      status: "offline",
      busy: false,
    });
  });

  it("refuses a name that is taken, in that repository or organization only", async () => {
    const { github } = subject;
    const site = { repository: "acme/site", groupId };
    await github.registerRunner(shop, { name: "gha-1-1", labels });

    await expect(github.registerRunner(shop, { name: "gha-1-1", labels })).rejects.toMatchObject({
      name: "RunnerExistsError",
    });
    const elsewhere = github.registerRunner(site, { name: "gha-1-1", labels });
    if (groupId > 0) await expect(elsewhere).rejects.toMatchObject({ name: "RunnerExistsError" });
    else expect((await elsewhere).runnerId).toBeGreaterThan(0);
    expect((await github.findRunner(site, "gha-1-1"))?.name).toBe("gha-1-1");
  });

  it("finds runners by their whole name", async () => {
    const { github } = subject;
    await github.registerRunner(shop, { name: "gha-1-11", labels });

    expect(await github.findRunner(shop, "gha-1-1")).toBeUndefined();
  });

  it("removes an idle runner, and one that is gone", async () => {
    const { github } = subject;
    const { runnerId } = await github.registerRunner(shop, { name: "gha-1-1", labels });

    expect(await github.removeRunner(shop, runnerId)).toBe("removed");
    expect(await github.removeRunner(shop, runnerId)).toBe("removed");

    expect(await github.findRunner(shop, "gha-1-1")).toBeUndefined();
  });

  it("does not remove a busy runner", async () => {
    const { github, memory } = subject;
    const { runnerId, encodedJitConfig } = await github.registerRunner(shop, { name: "gha-1-1", labels });
    memory.queueJob({ id: 1, repository: "acme/shop", labels });
    memory.connect(encodedJitConfig);

    expect(await github.removeRunner(shop, runnerId)).toBe("busy");

    expect(await github.findRunner(shop, "gha-1-1")).toMatchObject({ status: "online", busy: true });
  });

  it("shows a job from its queue to its end", async () => {
    const { github, memory } = subject;
    memory.queueJob({ id: 1, repository: "acme/shop", labels });
    const { encodedJitConfig } = await github.registerRunner(shop, { name: "gha-1-1", labels });

    expect(await github.getJob(shop, 1)).toEqual({ status: "queued", conclusion: null, runnerName: null });
    memory.connect(encodedJitConfig);
    expect(await github.getJob(shop, 1)).toEqual({ status: "in_progress", conclusion: null, runnerName: "gha-1-1" });
    memory.completeJob(1, "success");
    expect(await github.getJob(shop, 1)).toEqual({ status: "completed", conclusion: "success", runnerName: "gha-1-1" });
  });

  it("tells what started a job's run, and from where", async () => {
    const { github, memory } = subject;
    const fork = { event: "pull_request", headRepository: "jane/shop" };
    memory.queueJob({ id: 1, runId: 10, repository: "acme/shop", labels });
    memory.queueJob({ id: 2, runId: 20, repository: "acme/shop", labels, origin: fork });
    memory.queueJob({ id: 3, runId: 30, repository: "acme/shop", labels, origin: { ...fork, headRepository: null } });

    expect(await github.getRunOrigin(shop, 10)).toEqual({ event: "push", headRepository: "acme/shop" });
    expect(await github.getRunOrigin(shop, 20)).toEqual(fork);
    expect(await github.getRunOrigin(shop, 30)).toEqual({ ...fork, headRepository: null });
    await expect(github.getRunOrigin(shop, 40)).rejects.toMatchObject({ name: "NotFoundError" });
  });

  it("knows nothing of another job", async () => {
    expect(await subject.github.getJob(shop, 2)).toBeUndefined();
  });

  it("does not find a repository that the App does not reach", async () => {
    const { github } = subject;

    await expect(
      github.registerRunner({ repository: "acme/none", groupId }, { name: "gha-1-1", labels }),
    ).rejects.toMatchObject({
      name: "NotInstalledError",
    });
  });

  it("passes on how long it has to wait", async () => {
    const { github, memory } = subject;
    memory.failNext("registerRunner", new ThrottledError("slow down", { retryAfterSeconds: 42 }));

    await expect(github.registerRunner(shop, { name: "gha-1-1", labels })).rejects.toMatchObject({
      name: "ThrottledError",
      retryAfterSeconds: 42,
    });
  });

  it("fails in passing when a registration's answer is lost, and finds its name taken", async () => {
    const { github, memory } = subject;
    memory.failNext("registerRunner", "after-effect");

    await expect(github.registerRunner(shop, { name: "gha-1-1", labels })).rejects.toMatchObject({
      name: "TransientError",
    });
    await expect(github.registerRunner(shop, { name: "gha-1-1", labels })).rejects.toMatchObject({
      name: "RunnerExistsError",
    });
  });
});

describe("errors of GitHub", () => {
  it("show no secret", () => {
    for (const server of servers) for (const token of server.tokens) secrets.addSecret(token);
    for (const server of servers) {
      for (const { headers } of server.requests) {
        const [, credential] = (headers.authorization ?? "").split(" ");
        if (credential) secrets.addSecret(credential);
      }
    }

    secrets.expectNoLeak();
  });
});
