import { createPrivateKey } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LabGitHub, startGitHub } from "../../../lab/github/start-github.ts";
import { type Call, createTestClient, readJitConfig } from "./support/client.ts";

interface Jit {
  runner: { id: number; name: string };
  encoded_jit_config: string;
}

let github: LabGitHub;
let call: Call;

beforeEach(async () => {
  github = await startGitHub({
    repositories: ["acme/app", "acme/lib"],
    runnerGroups: [{ id: 5, name: "trusted", repositories: ["app"] }],
  });
  call = await createTestClient(github).asInstallation();
});
afterEach(async () => {
  github.assertFaithful();
  await github.close();
});

async function register(name: string, where = "repos/acme/app", more: object = {}) {
  const parameters = { name, runner_group_id: 1, labels: ["self-hosted", "Linux", "microvm"], ...more };
  const { status, data } = await call(`POST /${where}/actions/runners/generate-jitconfig`, parameters);
  return { status, data: data as Jit };
}

describe("a just-in-time configuration", () => {
  it("holds the files of a runner, in the size of a real one", async () => {
    const { data } = await register("gha-41204500002-1");

    const files = readJitConfig(data.encoded_jit_config);

    expect(Object.keys(files)).toEqual([".runner", ".credentials", ".credentials_rsaparams"]);
    expect(files[".runner"]).toMatchObject({
      AgentId: String(data.runner.id),
      AgentName: "gha-41204500002-1",
      PoolId: "1",
      GitHubUrl: expect.stringMatching(/\/acme\/app$/),
      WorkFolder: "_work",
      UseV2Flow: "True",
      Ephemeral: "True",
      DisableUpdate: "True",
    });
    expect(files[".credentials"]).toMatchObject({ Scheme: "OAuth", Data: { ClientId: expect.any(String) } });
    expect(data.encoded_jit_config.length).toBeGreaterThan(4_096);
    expect(data.encoded_jit_config.length).toBeLessThan(4_500);
  });

  it("has a key of its own", async () => {
    const configurations = [await register("one"), await register("two")];
    const parameters = configurations.map(
      ({ data }) => readJitConfig(data.encoded_jit_config)[".credentials_rsaparams"],
    );

    const [key, other] = parameters.map((given) => {
      const url = (name: string) => Buffer.from(String(given?.[name]), "base64").toString("base64url");
      return createPrivateKey({
        format: "jwk",
        key: {
          ...{ kty: "RSA", n: url("modulus"), e: url("exponent"), d: url("d"), p: url("p"), q: url("q") },
          ...{ dp: url("dp"), dq: url("dq"), qi: url("inverseQ") },
        },
      });
    });

    expect(key?.asymmetricKeyDetails?.modulusLength).toBe(2_048);
    expect(other && key?.equals(other)).toBe(false);
  });

  it("registers a runner that is offline until it connects", async () => {
    const { status, data } = await register("one");

    expect(status).toBe(201);
    expect(data.runner).toMatchObject({ name: "one", os: "unknown", status: "offline", busy: false });
    expect(data.runner).toMatchObject({
      labels: [
        { name: "self-hosted", type: "read-only" },
        { name: "Linux", type: "read-only" },
        { name: "microvm", type: "custom" },
      ],
    });
    expect(github.leftovers().runners).toMatchObject([{ name: "one", status: "offline", busy: false }]);
  });

  it("cannot be had twice for one name, in whatever case", async () => {
    await register("one");

    const again = await register("ONE");

    expect(again.status).toBe(409);
    expect(again.data).toMatchObject({ message: expect.stringContaining("Already exists") });
    expect((await register("one", "repos/acme/lib")).status).toBe(201);
    expect((await register("one", "orgs/acme")).status).toBe(201);
  });

  it("needs a name and labels that GitHub takes, and a group that is there", async () => {
    expect((await register("")).status).toBe(422);
    expect((await register("x".repeat(65))).status).toBe(422);
    expect((await register("x".repeat(64))).status).toBe(201);
    expect((await register("one", "repos/acme/app", { labels: [""] })).status).toBe(422);
    expect((await register("one", "repos/acme/app", { runner_group_id: 5 })).status).toBe(404);
    expect((await register("one", "orgs/acme", { runner_group_id: 6 })).status).toBe(404);
    expect((await register("one", "orgs/acme", { runner_group_id: 5 })).status).toBe(201);
  });
});

describe("registrations", () => {
  it("are listed by page and by name", async () => {
    for (const name of ["one", "two", "three"]) await register(name);

    const first = await call("GET /repos/acme/app/actions/runners", { per_page: 2 });
    const second = await call("GET /repos/acme/app/actions/runners", { per_page: 2, page: 2 });
    const named = await call("GET /repos/acme/app/actions/runners", { name: "two" });

    expect(first.data).toMatchObject({ total_count: 3, runners: [{ name: "one" }, { name: "two" }] });
    expect(first.headers.link).toMatch(/page=2>; rel="next"/);
    expect(second.data).toMatchObject({ total_count: 3, runners: [{ name: "three" }] });
    expect(second.headers.link).not.toContain('rel="next"');
    expect(named.data).toMatchObject({ total_count: 1, runners: [{ name: "two" }] });
  });

  it("belong to one repository or organization", async () => {
    const { data } = await register("one");
    const { id } = data.runner;

    expect((await call(`GET /repos/acme/app/actions/runners/${id}`)).data).toMatchObject({ name: "one" });
    expect((await call(`GET /repos/acme/lib/actions/runners/${id}`)).status).toBe(404);
    expect((await call(`DELETE /repos/acme/lib/actions/runners/${id}`)).status).toBe(404);
    expect((await call(`GET /orgs/acme/actions/runners/${id}`)).status).toBe(404);
  });

  it("stay until they are deleted, once", async () => {
    const { data } = await register("one");
    const path = `/repos/acme/app/actions/runners/${data.runner.id}`;

    expect((await call(`DELETE ${path}`)).status).toBe(204);

    expect((await call(`DELETE ${path}`)).status).toBe(404);
    expect(github.leftovers().runners).toEqual([]);
    expect(github.events.all().map(({ kind }) => kind)).toContain("runner.removed");
  });

  it("are in groups that the organization lists", async () => {
    const { data } = await call("GET /orgs/acme/actions/runner-groups");

    expect(data).toMatchObject({
      total_count: 2,
      runner_groups: [
        { id: 1, default: true },
        { id: 5, name: "trusted" },
      ],
    });
  });
});
