import { describe, expect, it } from "vitest";
import {
  type AppAccess,
  asInstallation,
  readApp,
  readInstallation,
  readUnreached,
} from "../../../cli/github/app-access.ts";
import type { GitHubAnswer } from "../../../cli/github/ask-github.ts";
import { NotPermittedError } from "../../../dispatcher/errors.ts";
import { GitHubFailure } from "../../../dispatcher/github/github-error.ts";

const failure = (status: number, message = "no"): GitHubAnswer => ({ failure: new GitHubFailure(message, status) });
const body = {
  ...{ id: 5, account: { login: "my-org" }, suspended_at: null, repository_selection: "all" },
  permissions: { metadata: "read" },
};

/** An App whose questions are answered by their route; what is not named is not found. */
function app(answers: Record<string, GitHubAnswer>, change: Partial<AppAccess> = {}) {
  const asked: string[] = [];
  const client = { authorise: async () => undefined } as Partial<AppAccess["client"]> as AppAccess["client"];
  const ask: AppAccess["ask"] = async (route) => {
    asked.push(route);
    return answers[route] ?? failure(404);
  };
  return { asked, access: { client, ask, owner: "my-org", ...change } };
}

describe("the App", () => {
  it.each([
    ["has its name once its key is taken", { body: { name: "Runners" } }, { value: "Runners" }],
    [
      "may be asked for at a wrong address",
      { failure: new GitHubFailure("no API", 200), wrongAddress: true },
      { fail: "no API", fix: "set github_api_url, then terraform apply" },
    ],
    ["may have another key", failure(401), { fail: "GitHub refuses its key (401: no)" }],
    ["may not be there", failure(404), { fail: "GitHub refuses its key (404: no)" }],
    ["may not be told of now", failure(502), { skip: "GitHub did not say (502: no)" }],
    ["may not be answered for", failure(0), { skip: "GitHub did not say (no answer: no)" }],
  ] as [string, GitHubAnswer, object][])("%s", async (_, answer, known) => {
    expect(await readApp(app({ "GET /app": answer }).access)).toMatchObject(known);
  });
});

describe("the installation", () => {
  const ORGANIZATION = "GET /orgs/{owner}/installation";
  const USER = "GET /users/{owner}/installation";
  const BY_ID = "GET /app/installations/{installation_id}";

  it("is looked up in an organization, then with a user, or by its id", async () => {
    const found = { id: 5, account: "my-org", suspended: false, all: true, permissions: { metadata: "read" } };

    expect(await readInstallation(app({ [ORGANIZATION]: { body } }).access)).toEqual({ value: found });
    const user = app({ [USER]: { body } });
    expect(await readInstallation(user.access)).toEqual({ value: found });
    expect(user.asked).toEqual([ORGANIZATION, USER]);
    const byId = app({ [BY_ID]: { body } }, { installationId: "5" });
    expect(await readInstallation(byId.access)).toEqual({ value: found });
    expect(byId.asked).toEqual([BY_ID]);
  });

  it("may be suspended, of an enterprise, or of nobody any more", async () => {
    const read = (change: object) => readInstallation(app({ [ORGANIZATION]: { body: { ...body, ...change } } }).access);

    expect(await read({ suspended_at: "2026-01-01T00:00:00Z" })).toMatchObject({ value: { suspended: true } });
    expect(await read({ repository_selection: "selected" })).toMatchObject({ value: { all: false } });
    expect(await read({ account: { slug: "acme" } })).toMatchObject({ value: { account: "acme" } });
    expect(await read({ account: null })).toMatchObject({ value: { account: "" } });
  });

  it("says what to do where there is none, and nothing where GitHub did not say", async () => {
    const install = "install the App in my-org (the App's settings, Install App)";

    expect(await readInstallation(app({}).access)).toEqual({
      fail: "the App is not installed in my-org",
      fix: install,
    });
    expect(await readInstallation(app({}, { installationId: "5" }).access)).toEqual({
      fail: "installation 5 does not exist",
      fix: `${install}, and set github_app.installation_id`,
    });
    expect(await readInstallation(app({ [ORGANIZATION]: failure(0) }).access)).toEqual({
      skip: "GitHub did not say (no answer: no)",
    });
  });

  it("is asked as, with what it may", async () => {
    const { access } = app({});
    const installation = { value: { id: 5, account: "my-org", suspended: false, all: true, permissions: {} } };
    const refusing = (error: Error): AppAccess => ({
      ...access,
      client: { ...access.client, authorise: () => Promise.reject(error) },
    });

    expect(await asInstallation(access, { skip: "not known" }, {})).toEqual({ skip: "not known" });
    expect(await asInstallation(access, installation, {})).toEqual({ value: expect.any(Function) });
    expect(await asInstallation(refusing(new NotPermittedError("refused", "Webhooks")), installation, {})).toEqual({
      skip: "the App may not look (refused)",
    });
    await expect(asInstallation(refusing(new TypeError("a bug")), installation, {})).rejects.toThrow("a bug");
  });
});

describe("repositories that the App does not reach", () => {
  const ROUTE = "GET /repos/{owner}/{repo}/installation";

  it("are named, unless GitHub did not say", async () => {
    expect(await readUnreached(app({}).access, ["shop", "site"])).toEqual({ value: ["my-org/shop", "my-org/site"] });
    expect(await readUnreached(app({ [ROUTE]: { body: {} } }).access, ["shop"])).toEqual({ value: [] });
    expect(await readUnreached(app({ [ROUTE]: failure(502) }).access, ["shop"])).toEqual({
      skip: "GitHub did not say: no",
    });
  });
});
