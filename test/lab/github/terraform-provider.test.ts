import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LabGitHub, startGitHub } from "../../../lab/github/start-github.ts";
import type { Values } from "../../../lab/terraform/behaviour.ts";
import { createTestClient } from "./support/client.ts";

let github: LabGitHub;
const environment: Record<string, string | undefined> = {};

beforeEach(async () => {
  github = await startGitHub({ repositories: ["acme/app"], users: ["jane"], environment });
});
afterEach(async () => {
  for (const name of Object.keys(environment)) delete environment[name];
  github.assertFaithful();
  await github.close();
});

const configure = async (values: Values = {}) => github.providers.github.configure({ region: "eu-west-1", values });
const appAuth = (more: Values = {}): Values => ({
  id: String(github.app.id),
  installation_id: String(github.installationId),
  pem_file: github.app.privateKey,
  ...more,
});

async function installationToken(): Promise<string> {
  const auth = createTestClient(github).auth;
  return (await auth({ type: "installation", installationId: github.installationId })).token;
}

describe("the github provider without a configuration", () => {
  it("asks nothing when its environment has no token", async () => {
    await expect(configure()).resolves.toBeDefined();
  });

  it.each(["GITHUB_TOKEN", "GH_TOKEN"])("cannot find whom %s of an Actions job works for", async (variable) => {
    environment[variable] = await installationToken();

    await expect(configure()).rejects.toThrow(
      /^owner cannot be found by token: GET http\S+\/user: 403 Resource not accessible by integration \[\]$/,
    );
  });

  it("wants an owner beside an App of the environment", async () => {
    const { id, installation_id, pem_file } = appAuth();
    Object.assign(environment, { GITHUB_APP_ID: id, GITHUB_APP_INSTALLATION_ID: installation_id });
    environment.GITHUB_APP_PEM_FILE = String(pem_file);

    await expect(configure()).rejects.toThrow("owner must be set for github app authentication");
    environment.GITHUB_OWNER = "acme";
    await expect(configure()).resolves.toBeDefined();
  });
});

describe("the github provider with an owner", () => {
  it.each([undefined, "GITHUB_TOKEN", "GH_TOKEN"])("works under %s", async (variable) => {
    if (variable !== undefined) environment[variable] = await installationToken();

    await expect(configure({ owner: "acme" })).resolves.toBeDefined();
  });

  it("works as the App that it is given", async () => {
    await expect(configure({ owner: "acme", app_auth: [appAuth()] })).resolves.toBeDefined();
  });

  it("says what is wrong with the App or the owner", async () => {
    const refusal = async (values: Values) => configure(values).catch((error: Error) => error.message);

    expect(await refusal({ owner: "acme", app_auth: [appAuth({ pem_file: "key.pem" })] })).toBe(
      "no decodeable PEM data found",
    );
    expect(await refusal({ owner: "acme", app_auth: [appAuth({ installation_id: "1" })] })).toMatch(
      /^failed to create OAuth token from GitHub App: POST \S+: 404 Not Found/,
    );
    expect(await refusal({ owner: "nobody" })).toMatch(/^failed to lookup owner "nobody": GET \S+: 404 Not Found/);
    expect(await refusal({ owner: "acme", app_auth: [{ id: "1" }] })).toContain("required fields are missing");
  });
});

describe("the accounts that it asks for", () => {
  it("are there for anybody, below the prefix of GitHub Enterprise Server too", async () => {
    const types = await Promise.all(
      ["/users/acme", "/api/v3/users/jane"].map(async (path) => (await fetch(`${github.apiUrl}${path}`)).json()),
    );

    expect(types).toMatchObject([
      { login: "acme", type: "Organization" },
      { login: "jane", type: "User" },
    ]);
  });

  it("are no user of an installation's token", async () => {
    const answer = await createTestClient(github).withAuthorization(`token ${await installationToken()}`)("GET /user");

    expect(answer).toMatchObject({ status: 403, data: { message: "Resource not accessible by integration" } });
    expect((await fetch(`${github.apiUrl}/user`)).status).toBe(401);
  });
});
