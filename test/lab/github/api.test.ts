import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LabGitHub, startGitHub } from "../../../lab/github/start-github.ts";
import { type Call, createTestClient } from "./support/client.ts";

let github: LabGitHub;
let call: Call;

beforeEach(async () => {
  github = await startGitHub({ repositories: ["acme/app"] });
  call = await createTestClient(github).asInstallation();
});
afterEach(async () => {
  github.assertFaithful();
  await github.close();
});

const route = "POST /repos/{owner}/{repo}/actions/runners/generate-jitconfig";
const acme = { owner: "acme", repo: "app" };
const jit = { ...acme, name: "one", runner_group_id: 1, labels: ["self-hosted"] };

describe("requests", () => {
  it("are held against GitHub's description", async () => {
    const { labels: _, ...without } = jit;
    const tooMany = Array.from({ length: 101 }, (_, index) => `label-${index}`);

    expect(await call(route, without)).toMatchObject({
      status: 422,
      data: { message: expect.stringContaining("must have required property 'labels'") },
    });
    expect((await call(route, { ...jit, labels: [] })).status).toBe(422);
    expect((await call(route, { ...jit, labels: tooMany })).status).toBe(422);
    expect((await call(route, { ...jit, labels: tooMany.slice(0, 100) })).status).toBe(201);
    expect((await call(route, { ...jit, runner_group_id: "one" })).status).toBe(422);
    expect((await call("GET /repos/acme/app/actions/jobs/first")).status).toBe(422);
  });

  it("must be JSON", async () => {
    const { auth } = createTestClient(github);
    const { token } = await auth({ type: "installation", installationId: github.installationId });

    const answer = await fetch(`${github.apiUrl}/repos/acme/app/actions/runners/generate-jitconfig`, {
      method: "POST",
      headers: { authorization: `token ${token}` },
      body: "{",
    });

    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ message: "Problems parsing JSON" });
  });

  it("for what GitHub does not have get 404", async () => {
    expect((await call("GET /repos/acme/app/nothing")).status).toBe(404);
    expect((await call("PUT /repos/acme/app/actions/runners")).status).toBe(404);
  });
});

describe("calls", () => {
  it("are noted with what they needed and what the token could", async () => {
    const narrow = await createTestClient(github).asInstallation({
      repositoryNames: ["app"],
      permissions: { administration: "write", actions: "read" },
    });
    await narrow(route, jit);

    expect(github.calls().at(-1)).toMatchObject({
      method: "POST",
      route: "/repos/{owner}/{repo}/actions/runners/generate-jitconfig",
      path: "/repos/acme/app/actions/runners/generate-jitconfig",
      status: 201,
      permission: "administration:write",
      repositories: ["acme/app"],
      permissions: { administration: "write", actions: "read", metadata: "read" },
    });
    expect(github.privileges().used).toEqual(["administration:write"]);
    expect(github.privileges().unused).toContain("actions:read");
  });

  it("can be made to fail by their route, so many times", async () => {
    github.failNext(route, 502, 2);

    expect((await call(route, jit)).status).toBe(502);
    expect((await call("GET /repos/acme/app")).status).toBe(200);
    expect((await call(route, jit)).status).toBe(502);
    expect((await call(route, jit)).status).toBe(201);
    expect(github.calls().filter(({ status }) => status === 502)).toHaveLength(2);
  });

  it("can be made to fail by a pattern over their path", async () => {
    github.failNext(/runners\/\d+$/, 500);
    github.failNext("GET /repos/*/runners", 503);

    expect((await call("GET /repos/acme/app/actions/runners")).status).toBe(503);
    expect((await call("GET /repos/acme/app/actions/runners/1")).status).toBe(500);
    expect((await call("GET /repos/acme/app/actions/runners/1")).status).toBe(404);
  });

  it("can be cut before or after their effect", async () => {
    github.failNext(route, "timeout");
    github.failNext(route, "timeout-after-effect");

    await expect(call(route, jit)).rejects.toThrow();
    expect(github.runners()).toHaveLength(0);
    await expect(call(route, jit)).rejects.toThrow();

    expect(github.runners()).toMatchObject([{ name: "one" }]);
  });

  it("can be made slow", async () => {
    github.setSlowMs(300);
    const started = performance.now();

    await call("GET /repos/acme/app");

    expect(performance.now() - started).toBeGreaterThanOrEqual(290);
  });
});

describe("GitHub Enterprise Server", () => {
  it("answers below /api/v3 only and has no rate limits", async () => {
    const ghes = await startGitHub({ repositories: ["acme/app"], ghes: true });
    const onGhes = await createTestClient(ghes).asInstallation();

    const { status, data, headers } = await onGhes("GET /repos/acme/app");

    expect(ghes.apiUrl).toMatch(/\/api\/v3$/);
    expect(status).toBe(200);
    expect(data).toMatchObject({ url: `${ghes.apiUrl}/repos/acme/app` });
    expect(headers).not.toHaveProperty("x-ratelimit-limit");
    expect((await onGhes("GET /rate_limit")).status).toBe(404);
    expect((await fetch(ghes.apiUrl.replace("/api/v3", "/repos/acme/app"))).status).toBe(404);
    await ghes.close();
  });
});

describe("ids", () => {
  it("are the same for the same seed", async () => {
    const [one, same, other] = await Promise.all(
      [7, 7, 8].map((seed) => startGitHub({ repositories: ["acme/app"], seed })),
    );
    const jobOf = (lab: LabGitHub | undefined) => lab?.queueJob({ repository: "acme/app", labels: ["x"] }).id;

    const ids = [jobOf(one), jobOf(same), jobOf(other)];

    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
    for (const lab of [one, same, other]) await lab?.close();
  });
});
