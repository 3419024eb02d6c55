import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LabGitHub, startGitHub } from "../../../lab/github/start-github.ts";
import { createTestClient } from "./support/client.ts";
import { createTestClock } from "./support/clock.ts";

let github: LabGitHub;

beforeEach(async () => {
  github = await startGitHub({
    repositories: ["acme/app", "acme/lib", { fullName: "acme/site", private: false }, "other/app"],
    app: {
      permissions: { administration: "write", actions: "read" },
      installations: [{ account: "acme", repositories: ["app", "lib"] }, { account: "other" }],
    },
  });
});
afterEach(async () => {
  github.assertFaithful();
  await github.close();
});

describe("installation tokens", () => {
  it("reach all of the installation and may do all of it unless the request names less", async () => {
    const asApp = await createTestClient(github).asApp();

    const { status, data } = await asApp(`POST /app/installations/${github.installationId}/access_tokens`);

    expect(status).toBe(201);
    expect(data).toMatchObject({
      token: expect.stringMatching(/^ghs_(?=.*\..*\.)[\w.-]{510,530}$/),
      permissions: { administration: "write", actions: "read", metadata: "read" },
      repository_selection: "selected",
    });
    expect(data).not.toHaveProperty("repositories");
  });

  it("are narrowed as Octokit asks", async () => {
    const { auth, asInstallation } = createTestClient(github);
    const narrowed = { repositoryNames: ["app"], permissions: { administration: "write" as const } };

    const token = await auth({ type: "installation", installationId: github.installationId, ...narrowed });
    const call = await asInstallation(narrowed);

    expect(token).toMatchObject({
      repositoryNames: ["app"],
      repositorySelection: "selected",
      permissions: { administration: "write", metadata: "read" },
    });
    expect(await call("GET /repos/acme/app/actions/runners")).toMatchObject({ status: 200 });
    expect(await call("GET /repos/acme/lib/actions/runners")).toMatchObject({ status: 404 });
    expect(await call("GET /repos/acme/app/actions/runs")).toMatchObject({
      status: 403,
      data: { message: "Resource not accessible by integration" },
    });
  });

  it("cannot be had for a repository that the installation does not cover", async () => {
    const asApp = await createTestClient(github).asApp();
    const path = `POST /app/installations/${github.installationId}/access_tokens`;

    const { status, data } = await asApp(path, { repositories: ["app", "site"] });

    expect(status).toBe(422);
    expect(data).toMatchObject({ message: expect.stringContaining("at least one repository that does not exist") });
    expect((await asApp(path, { repository_ids: [1] })).status).toBe(422);
  });

  it("cannot be had with more than was granted", async () => {
    const asApp = await createTestClient(github).asApp();
    const path = `POST /app/installations/${github.installationId}/access_tokens`;

    const more = await asApp(path, { permissions: { actions: "write" } });
    const other = await asApp(path, { permissions: { contents: "read" } });

    const refusal = {
      status: 422,
      data: { message: "The permissions requested are not granted to this installation." },
    };
    expect(more).toMatchObject(refusal);
    expect(other).toMatchObject(refusal);
    expect((await asApp(path, { permissions: { administration: "read" } })).status).toBe(201);
  });

  it("cannot be had for another App's installation or a suspended one", async () => {
    const other = await github.createApp({ installations: [] });
    const path = `POST /app/installations/${github.installationId}/access_tokens`;

    expect((await (await createTestClient(github, { app: other }).asApp())(path)).status).toBe(404);
    github.setSuspended(true);
    const { status, data } = await (await createTestClient(github).asApp())(path);

    expect(status).toBe(403);
    expect(data).toMatchObject({ message: "This installation has been suspended" });
  });

  it("are found by Octokit through the repository or the organization", async () => {
    const asApp = await createTestClient(github).asApp();

    const byRepository = await asApp("GET /repos/acme/app/installation");
    const byOrganization = await asApp("GET /orgs/acme/installation");

    expect(byRepository.data).toMatchObject({ id: github.installationId, account: { login: "acme" } });
    expect(byOrganization.data).toMatchObject({ id: github.installationId });
    expect((await asApp("GET /repos/acme/site/installation")).status).toBe(404);
    expect((await asApp("GET /app/installations")).data).toHaveLength(2);
  });

  it("end when they are revoked", async () => {
    const call = await createTestClient(github).asInstallation();

    expect((await call("GET /installation/repositories")).data).toMatchObject({ total_count: 2 });
    expect((await call("DELETE /installation/token")).status).toBe(204);

    expect(await call("GET /installation/repositories")).toMatchObject({
      status: 401,
      data: { message: "Bad credentials" },
    });
  });
});

describe("the life of an installation token", () => {
  it("is one hour", async () => {
    const clock = createTestClock();
    const timed = await startGitHub({ repositories: ["acme/app"], clock });
    const client = createTestClient(timed, { now: clock.now });
    const call = await client.asInstallation();

    clock.advance(3_599_000);
    expect((await call("GET /repos/acme/app")).status).toBe(200);
    clock.advance(1_000);

    expect((await call("GET /repos/acme/app")).status).toBe(401);
    await timed.close();
  });
});
