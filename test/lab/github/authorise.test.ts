import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type LabGitHub, startGitHub } from "../../../lab/github/start-github.ts";
import { createTestClient } from "./support/client.ts";

let github: LabGitHub;

beforeAll(async () => {
  github = await startGitHub({
    repositories: ["acme/app", { fullName: "acme/site", private: false }, "jane/tool"],
    users: ["jane"],
    app: { installations: [{ account: "acme", repositories: ["app"] }, { account: "jane" }] },
  });
});
afterEach(() => github.assertFaithful());
afterAll(() => github.close());

const jit = { name: "runner", runner_group_id: 1, labels: ["self-hosted"] };

describe("permissions", () => {
  it("let an installation do what it was granted and nothing else", async () => {
    const client = createTestClient(github);
    const reader = await client.asInstallation({ permissions: { administration: "read" } });
    const writer = await client.asInstallation({ permissions: { administration: "write" } });

    expect((await reader("GET /repos/acme/app/actions/runners")).status).toBe(200);
    expect((await reader("POST /repos/acme/app/actions/runners/generate-jitconfig", jit)).status).toBe(403);
    expect((await writer("POST /repos/acme/app/actions/runners/generate-jitconfig", jit)).status).toBe(201);
    expect((await reader("DELETE /repos/acme/app/actions/runners/1")).status).toBe(403);
    expect((await writer("GET /orgs/acme/actions/runners")).status).toBe(403);
    expect((await writer("GET /repos/acme/app/actions/runs")).status).toBe(403);
  });

  it("are named in each answer", async () => {
    const call = await createTestClient(github).asInstallation();

    const { headers } = await call("GET /repos/acme/app/actions/runs");

    expect(headers["x-accepted-github-permissions"]).toBe("actions=read");
  });

  it("hide private repositories and give what is public of the others", async () => {
    const call = await createTestClient(github).asInstallation();

    expect((await call("GET /repos/jane/tool")).status).toBe(404);
    expect((await call("GET /repos/acme/nothing")).status).toBe(404);
    expect((await call("GET /repos/acme/site/actions/runs")).status).toBe(200);
    expect((await call("POST /repos/acme/site/actions/runners/generate-jitconfig", jit)).status).toBe(403);
  });

  it("reach the organization of the installation only, and no user", async () => {
    const client = createTestClient(github);
    const acme = await client.asInstallation({ permissions: { organization_self_hosted_runners: "read" } });
    const installations = (await (await client.asApp())("GET /app/installations")).data as { id: number }[];
    const jane = await client.asInstallation({ installationId: installations.at(-1)?.id ?? 0 });

    expect((await acme("GET /orgs/acme/actions/runners")).status).toBe(200);
    expect((await jane("GET /orgs/acme/actions/runners")).status).toBe(404);
    expect((await jane("GET /orgs/jane/actions/runners")).status).toBe(404);
    expect((await jane("GET /repos/jane/tool/actions/runners")).status).toBe(200);
  });
});

describe("credentials", () => {
  it("are needed for every call", async () => {
    const answer = await fetch(`${github.apiUrl}/repos/acme/app`);

    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ message: "Requires authentication" });
  });

  it("are not taken for what they are not", async () => {
    const client = createTestClient(github);

    expect((await client.withAuthorization("token ghs_unknown")("GET /repos/acme/app")).status).toBe(401);
    expect((await (await client.asInstallation())("GET /app")).status).toBe(401);
    expect((await (await client.asApp())("GET /repos/acme/app")).status).toBe(401);
  });
});
