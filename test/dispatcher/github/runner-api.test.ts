import { afterEach, describe, expect, it } from "vitest";
import { createRunnerApi, type RunnerApiOptions } from "../../../dispatcher/github/runner-api.ts";
import { type LabGitHub, startGitHub } from "../../../lab/github/start-github.ts";
import runnerData from "../../../microvm/runner.json" with { type: "json" };
import { steadyKey } from "../../support/app-key.ts";

const { version, sha256 } = runnerData.runner;

let lab: LabGitHub;
afterEach(async () => {
  lab.assertFaithful();
  await lab.close();
});

async function open(change: Partial<RunnerApiOptions>) {
  lab = await startGitHub({ repositories: ["my-org/shop"], send: async () => new Response("") });
  return createRunnerApi({
    apiUrl: lab.apiUrl,
    app: { appId: String(lab.app.id), key: steadyKey(lab.app.privateKey) },
    send: { sleep: async () => undefined },
    log: { warn: () => undefined },
    owner: "my-org",
    repositories: [],
    ...change,
  });
}

describe.each([
  ["an organization", { runnerGroupId: 1 }],
  ["a repository that is named", { repositories: ["shop"] }],
  ["a repository that the App reaches", {}],
])("runners of %s", (_, options) => {
  it("are offered with their checksum", async () => {
    const api = await open(options);
    expect(await api.newest()).toEqual({ filename: expect.stringContaining(version), sha256 });
    expect(await api.newest()).toMatchObject({ sha256 });
  });

  it("may be offered without one", async () => {
    const api = await open(options);
    lab.releases.offered = { version };
    expect(await api.newest()).toEqual({ filename: expect.stringContaining(version), sha256: undefined });
  });

  it("are refused from a date, from none yet, or are not known", async () => {
    const api = await open(options);
    const date = new Date("2026-03-01T00:00:00Z");
    lab.releases.refusedFrom.set("2.300.0", date);

    expect(await api.refusedFrom("2.300.0")).toEqual(date);
    expect(await api.refusedFrom(version)).toBeNull();
    expect(await api.refusedFrom("2.299.0")).toBeUndefined();
  });
});

describe("what GitHub says of runners", () => {
  it("is not known while GitHub does not answer", async () => {
    const api = await open({ runnerGroupId: 1 });
    lab.failNext("GET /orgs/{org}/actions/runners/deprecations/{version}", 502);
    await expect(api.refusedFrom(version)).rejects.toMatchObject({ name: "TransientError" });
  });
});
