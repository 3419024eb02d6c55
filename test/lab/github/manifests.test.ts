import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAccounts } from "../../../lab/github/accounts.ts";
import { createApps } from "../../../lab/github/apps.ts";
import { createHooks } from "../../../lab/github/hooks.ts";
import { createIds } from "../../../lab/github/ids.ts";
import { createManifests, ManifestError, type Manifests } from "../../../lab/github/manifests.ts";
import { type LabGitHub, startGitHub } from "../../../lab/github/start-github.ts";

const GOOD = {
  name: "runners",
  url: "https://example.com",
  redirect_url: "http://127.0.0.1:9/created",
  public: false,
  default_permissions: { actions: "read", administration: "write" },
};

describe("a manifest", () => {
  let now = 0;
  let manifests: Manifests;
  const owner = { id: 1, login: "my-org", type: "Organization" } as const;
  beforeEach(() => {
    now = 0;
    const [accounts, ids] = [createAccounts(createIds(1)), createIds(2)];
    manifests = createManifests(
      createApps(accounts, ids, [owner], () => now),
      createHooks(ids, () => now),
      ids,
      () => now,
    );
  });
  const read = (change: object) => manifests.read(JSON.stringify({ ...GOOD, ...change }));

  it("is taken with what others got through", () => {
    expect(read({})).toMatchObject({ name: "runners", permissions: { actions: "read" }, events: [] });
    const hook = { hook_attributes: { url: "https://hook.example", active: true }, default_events: ["workflow_job"] };
    expect(read(hook)).toMatchObject({ hookUrl: "https://hook.example", events: ["workflow_job"] });
  });

  it.each<[string, object, string]>([
    ["a webhook without an address", { hook_attributes: { active: false } }, `"url" wasn't supplied.`],
    ["a webhook with a secret", { hook_attributes: { url: "https://x.example", secret: "s" } }, `"secret" is not`],
    ["a webhook on this machine", { hook_attributes: { url: "http://localhost/" } }, "public Internet"],
    ["no homepage", { url: undefined }, `"url" wasn't supplied.`],
    ["a homepage that is no text", { url: { type: "git" } }, "is not a string"],
    ["a key that there is not", { secret: "s" }, `"secret" is not a permitted key.`],
    ["a permission that there is not", { default_permissions: { user_emails: "read" } }, "is not a permission"],
    ["an access that there is not", { default_permissions: { actions: "admin" } }, "is not an access level"],
    ["an event without its permission", { default_permissions: {}, default_events: ["workflow_job"] }, "unsupported"],
    ["an event without a webhook", { default_events: ["workflow_job"] }, "without a webhook"],
  ])("is refused with %s", (_what, change, message) => {
    expect(() => read(change)).toThrow(ManifestError);
    expect(() => read(change)).toThrow(message);
  });

  it("gives its App a name of its own, and a code that is good once and for an hour", async () => {
    const good = read({});
    await expect(manifests.confirm(good, owner, "x".repeat(35))).rejects.toThrow("maximum is 34");
    const code = await manifests.confirm(good, owner, "runners");
    await expect(manifests.confirm(good, owner, "Runners")).rejects.toThrow("already taken");
    expect(manifests.convert(code)?.name).toBe("runners");
    expect(manifests.convert(code)).toBeUndefined();
    const late = await manifests.confirm(good, owner, "late");
    now = 3_600_000;
    expect(manifests.convert(late)).toBeUndefined();
  });
});

describe("the pages", () => {
  let github: LabGitHub;
  beforeEach(async () => {
    github = await startGitHub({ repositories: ["my-org/shop"], users: ["octocat"] });
  });
  afterEach(() => github.close());
  const page = (path: string, init?: RequestInit) => fetch(`${github.htmlUrl}${path}`, { redirect: "manual", ...init });

  it("are for owners alone", async () => {
    expect((await page("/organizations/my-org/settings/apps/new")).status).toBe(200);
    expect((await page("/organizations/octocat/settings/apps/new")).status).toBe(404);
    github.visitor.owns = new Set();
    expect((await page("/organizations/my-org/settings/apps/new")).status).toBe(404);
    delete github.visitor.login;
    expect(await (await page("/organizations/my-org/settings/apps/new")).text()).toContain("Sign in");
  });

  it("take no form that hides where it comes from", async () => {
    const body = new URLSearchParams({ manifest: JSON.stringify(GOOD) });
    const send = (headers: Record<string, string>) =>
      page("/organizations/my-org/settings/apps/new?state=s", { method: "POST", body, headers });
    expect((await send({ origin: "null" })).status).toBe(422);
    expect((await send({ origin: "http://127.0.0.1:9" })).status).toBe(200);
  });

  it("give the conversion to nobody without a name", async () => {
    const answer = await fetch(`${github.apiUrl}/app-manifests/abc/conversions`, {
      method: "POST",
      headers: { "user-agent": "" },
    });
    expect(answer.status).toBe(403);
    expect((await fetch(`${github.apiUrl}/app-manifests/abc/conversions`, { method: "POST" })).status).toBe(404);
  });
});
