import { afterEach, describe, expect, it } from "vitest";
import type { WatchedHook } from "../../../dispatcher/core/views.ts";
import { AppRefusedError, ConfigurationError } from "../../../dispatcher/errors.ts";
import { type AppClientOptions, createAppClient } from "../../../dispatcher/github/app-client.ts";
import { createGitHub } from "../../../dispatcher/github/create-github.ts";
import { createHookDeliveries } from "../../../dispatcher/github/hook-deliveries.ts";
import { createPemSigner } from "../../../dispatcher/github/pem-signer.ts";
import type { AppKey } from "../../../dispatcher/ports.ts";
import { type LabGitHub, startGitHub } from "../../../lab/github/start-github.ts";
import { createAppKey, steadyKey } from "../../support/app-key.ts";

const SHOP = "my-org/shop";

let lab: LabGitHub;
afterEach(async () => {
  lab.assertFaithful();
  await lab.close();
});

/** A key that the owner of the App can replace while it is used; `pem` is what is read next. */
function replaceableKey(pem: string): AppKey & { pem: string } {
  let held: { pem: string; sign: Awaited<ReturnType<AppKey["current"]>> } | undefined;
  const key = {
    pem,
    async current() {
      held ??= { pem: key.pem, sign: createPemSigner(key.pem, "the key") };
      return held.sign;
    },
    async renewed() {
      if (held?.pem === key.pem) return undefined;
      held = undefined;
      return key.current();
    },
  };
  return key;
}

/** Everything that acts as the App, over the same options. */
async function open(change: Partial<AppClientOptions> = {}) {
  lab = await startGitHub({ repositories: [SHOP, "my-org/site"], send: async () => new Response("") });
  const { id: hookId } = lab.createHook(`repos/${SHOP}`, {
    url: "https://hooks.example.com/",
    contentType: "json",
    events: ["workflow_job"],
  });
  const hook: WatchedHook = { kind: "repository", repository: SHOP, hookId };
  const waits: number[] = [];
  const warnings: object[] = [];
  const key = replaceableKey(lab.app.privateKey);
  const options: AppClientOptions = {
    apiUrl: lab.apiUrl,
    app: { appId: String(lab.app.id), key },
    send: { sleep: async (ms) => void waits.push(ms) },
    log: { warn: (event, fields) => void warnings.push({ event, ...fields }) },
    ...change,
  };
  let spent = 0;
  const github = createGitHub(options);
  const deliveries = createHookDeliveries(options)(() => void spent++);
  const client = createAppClient(options);
  const readApp = {
    ...{ route: "GET /app", parameters: {}, repeatable: true },
    purpose: { what: "reading the App", permission: "none" },
  };
  const users = {
    runners: () => github.findRunner({ repository: SHOP, groupId: 0 }, "gha-1-1"),
    deliveries: () => deliveries.list(hook, undefined),
    "the App": () => client.asApp(readApp),
  };
  return { ...{ users, client, readApp, key, waits, warnings }, spent: () => spent };
}

const clockAheadBy = (seconds: number) => ({ now: () => new Date(Date.now() + seconds * 1_000) });

describe.each(["runners", "deliveries", "the App"] as const)("a call for %s", (user) => {
  it.each([-3_600, -590, -30, 30, 60, 3_600])("is answered when the clock is %i seconds ahead", async (seconds) => {
    const { users, warnings } = await open({ clock: clockAheadBy(seconds) });

    for (let time = 0; time < 3; time++) await users[user]();

    expect(lab.tokens()).toHaveLength(user === "the App" ? 0 : 1);
    expect(warnings.length).toBeLessThanOrEqual(1);
    if (Math.abs(seconds) >= 3_600) {
      expect(warnings).toEqual([{ event: "github.clock_skewed", seconds: expect.closeTo(-seconds, -1) }]);
    }
  });

  it("is answered when the key was replaced while the function runs", async () => {
    let later = 0;
    const { users, key } = await open({ clock: { now: () => new Date(Date.now() + later) } });
    await users[user]();
    later = 10_000;
    lab.app.publicKeys.splice(0);
    const { privateKey } = await lab.addAppKey(lab.app);
    for (const token of lab.tokens()) Object.assign(token, { expiresAt: 0 });
    await expect(users[user]()).rejects.toBeInstanceOf(AppRefusedError);

    key.pem = privateKey;

    await users[user]();
  });
});

describe.each(["runners", "deliveries"] as const)("a token for %s", (user) => {
  it("is tried again when GitHub does not know it everywhere yet", async () => {
    const { users, waits, spent } = await open();
    lab.failNext(/^GET .*(?:runners|deliveries)$/, 401);

    await users[user]();

    expect(waits).toEqual([1_000]);
    expect(lab.tokens()).toHaveLength(1);
    // The installation, the token, and the call twice: each attempt is counted.
    expect(spent()).toBe(user === "deliveries" ? 4 : 0);
  });

  it("is made anew when GitHub refuses it later", async () => {
    let later = 0;
    const { users } = await open({ clock: { now: () => new Date(Date.now() + later) } });
    await users[user]();
    later = 10_000;
    lab.failNext(/^GET .*(?:runners|deliveries)$/, 401);

    await users[user]();

    expect(lab.tokens()).toHaveLength(2);
  });

  it("is made anew after a refusal, for the permission may have been granted since", async () => {
    const { users } = await open();
    lab.failNext(/^GET .*(?:runners|deliveries)$/, 403);

    await expect(users[user]()).rejects.toMatchObject({ disposition: expect.any(String) });
    await users[user]();

    expect(lab.tokens()).toHaveLength(2);
  });
});

describe("the App's client", () => {
  it("makes one token for callers at the same time, and one for each set of permissions", async () => {
    const { client } = await open();
    const reach = { repository: SHOP };
    const ask = (permissions: Record<string, "read">) => client.authorise(reach, permissions);

    await Promise.all([ask({ actions: "read" }), ask({ actions: "read" }), ask({ metadata: "read" })]);
    await ask({ actions: "read" });

    expect(lab.tokens()).toHaveLength(2);
    expect(lab.calls().filter(({ path }) => path.endsWith("/access_tokens"))).toHaveLength(2);
  });

  it("counts each call for the one who makes it", async () => {
    const { client, readApp } = await open();
    const budget = new Error("spent");
    const spend = (left: number) => () => {
      if (left-- <= 0) throw budget;
    };
    const call = { ...readApp, route: "GET /repos/my-org/shop/actions/runs" };

    await expect(client.asApp({ ...readApp, spend: spend(0) })).rejects.toBe(budget);
    const within = (calls: number) =>
      client.asInstallation({ repository: SHOP }, { actions: "read" }, { ...call, spend: spend(calls) });
    await expect(within(1)).rejects.toBe(budget);
    expect(lab.tokens()).toHaveLength(0);
    await client.authorise({ repository: SHOP }, { actions: "read" });
    await expect(within(0)).rejects.toBe(budget);
  });

  it("tells an App that GitHub does not have from one that is not installed", async () => {
    const { client, readApp } = await open({ app: { appId: "1", key: steadyKey(createAppKey().pkcs1) } });

    await expect(client.asApp(readApp)).rejects.toBeInstanceOf(AppRefusedError);
    await expect(client.authorise({ repository: SHOP }, { actions: "read" })).rejects.toBeInstanceOf(AppRefusedError);
  });
});

describe("a base URL that is not that of the API", () => {
  const page = (status: number) => async () =>
    new Response("<html>", { status, headers: { "content-type": "text/html; charset=utf-8" } });
  const notFound = async () => Response.json({ message: "Not Found" }, { status: 404 });

  it.each([200, 404, 422])("is named when a page comes with status %i", async (status) => {
    const { client, readApp, users } = await open({ apiUrl: "https://github.com", fetch: page(status) });
    const expected = {
      message: expect.stringContaining("check github_api_url, that of github.com is https://api.github.com"),
    };

    await expect(client.asApp(readApp)).rejects.toBeInstanceOf(ConfigurationError);
    await expect(users.runners()).rejects.toMatchObject(expected);
    await expect(users.deliveries()).rejects.toMatchObject(expected);
  });

  it.each([
    ["https://acme.ghe.com/api/v3", "https://api.acme.ghe.com"],
    ["https://ghes.example", "https://ghes.example/api/v3"],
    ["https://api.github.com/api/v3", "https://api.github.com"],
  ])("is named when %s answers 404", async (apiUrl, right) => {
    const { client, users } = await open({ apiUrl, fetch: notFound });

    await expect(users.runners()).rejects.toThrow(right);
    await expect(client.authorise({ repository: SHOP, installationId: 33 }, { actions: "read" })).rejects.toThrow(
      right,
    );
  });

  it.each(["https://api.github.com", "https://api.acme.ghe.com", "https://ghes.example/api/v3"])(
    "is not suspected when %s answers 404",
    async (apiUrl) => {
      const { users } = await open({ apiUrl, fetch: notFound });

      await expect(users.runners()).rejects.not.toThrow("github_api_url");
    },
  );
});
