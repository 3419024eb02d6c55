import { afterEach, describe, expect, it } from "vitest";
import type { GitHubAnswer } from "../../../cli/github/ask-github.ts";
import { ConversionError, convertManifest, isRequested, readOwnerType } from "../../../cli/github/new-app.ts";
import { GitHubFailure } from "../../../dispatcher/github/github-error.ts";
import { type LocalServer, type Reply, startLocalServer } from "../../support/local-server.ts";

let server: LocalServer | undefined;
afterEach(() => server?.close());

async function gitHub(reply: Reply): Promise<string> {
  server = await startLocalServer(() => reply);
  return server.url;
}

const json = (status: number, body: unknown): Reply => ({ status, body: JSON.stringify(body) });
const page = (status: number): Reply => ({ status, headers: { "content-type": "text/html" }, body: "<p>Hello</p>" });

const APP = {
  ...{ id: 7, slug: "runners", name: "Runners", html_url: "https://github.com/apps/runners", pem: "KEY" },
  ...{ owner: { login: "my-org", id: 5 }, permissions: { actions: "read" } },
};

describe("the code that GitHub sends back", () => {
  it("is exchanged for the App and its key", async () => {
    const { html_url: url, id, ...app } = APP;
    expect(await convertManifest(await gitHub(json(201, APP)), "a/b")).toEqual({ ...app, url, id: "7" });
    expect(server?.requests).toMatchObject([{ method: "POST", path: "/app-manifests/a%2Fb/conversions" }]);
  });

  it.each<[string, Reply, RegExp]>([
    ["is not known any more", json(404, { message: "Not Found" }), /good for one hour, and once/],
    ["is refused, with a reason", json(422, { message: "bad" }), /refused the code \(422: bad\)/],
    ["is refused, with none", json(422, { message: 7 }), /refused the code \(422: \)/],
    ["is answered by a proxy", page(403), /answered 403 with a page/],
    ["is answered by another site", page(200), /answered 200 with a page/],
    ["is not answered", "drop", /127\.0\.0\.1:\d+ gave no answer/],
  ])("or %s, which is said", async (_what, reply, text) => {
    const made = convertManifest(await gitHub(reply), "code");
    await expect(made).rejects.toThrow(text);
    await expect(made).rejects.toBeInstanceOf(ConversionError);
  });

  it("does not become an App without a key", async () => {
    await expect(convertManifest(await gitHub(json(201, { ...APP, pem: "" })), "code")).rejects.toThrow(/the new App/);
  });
});

describe("whether a login is an organization's or a user's", () => {
  it.each<[string, Reply, string | undefined]>([
    ["an organization's", json(200, { type: "Organization" }), "Organization"],
    ["a user's", json(200, { type: "User" }), "User"],
    ["something else's", json(200, { type: "Bot" }), undefined],
    ["nobody's", json(404, { message: "Not Found" }), "none"],
    ["behind a page that is not there", page(404), undefined],
    ["not told to strangers", json(401, { message: "Requires authentication" }), undefined],
    ["not answered", "drop", undefined],
  ])("it is %s", async (_what, reply, expected) => {
    expect(await readOwnerType(await gitHub(reply), "my-org")).toBe(expected);
  });
});

describe("a request to install the App", () => {
  const asked = (answer: GitHubAnswer) => isRequested(async () => answer, "My-Org");

  it("is one for the account, whatever its case", async () => {
    expect(await asked({ body: [{ account: { login: "my-org" } }] })).toBe(true);
    expect(await asked({ body: [{ account: {} }, { account: { login: "other" } }] })).toBe(false);
    expect(await asked({ failure: new GitHubFailure("no", 403) })).toBe(false);
  });
});
