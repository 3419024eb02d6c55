import { afterEach, describe, expect, it } from "vitest";
import type { WatchedHook } from "../../../dispatcher/core/views.ts";
import { InvalidCursorError, NotFoundError, NotPermittedError, ThrottledError } from "../../../dispatcher/errors.ts";
import { createHookDeliveries } from "../../../dispatcher/github/hook-deliveries.ts";
import type { GitHubOptions, LabGitHub } from "../../../lab/github/start-github.ts";
import { startGitHub } from "../../../lab/github/start-github.ts";
import { steadyKey } from "../../support/app-key.ts";

let github: LabGitHub;
afterEach(async () => {
  github.assertFaithful();
  await github.close();
});

async function open(target: string, options: Partial<GitHubOptions> = {}) {
  let status = 200;
  const send: typeof fetch = async () => new Response("", { status });
  github = await startGitHub({ repositories: ["my-org/shop", "my-org/site"], send, ...options });
  const url = "https://hooks.example.com/";
  const { id: hookId } = github.createHook(target === "app" ? github.app : target, {
    url,
    contentType: "json",
    events: ["workflow_job"],
  });
  const hook: WatchedHook =
    target === "app"
      ? { kind: "app" }
      : target.startsWith("orgs/")
        ? { kind: "organization", organization: "my-org", hookId }
        : { kind: "repository", repository: "my-org/shop", hookId };
  const create = (spend: () => void = () => undefined, installationId?: number) =>
    createHookDeliveries({
      apiUrl: github.apiUrl,
      app: {
        appId: String(github.app.id),
        key: steadyKey(github.app.privateKey),
        ...(installationId ? { installationId } : {}),
      },
    })(spend);
  const queue = async (answer: number) => {
    status = answer;
    github.queueJob({ repository: "my-org/shop", labels: ["x"] });
    await github.deliveries.settled();
  };
  const answer = (next: number) => {
    status = next;
  };
  return { hook, create, queue, answer };
}

describe.each(["orgs/my-org", "repos/my-org/shop", "app"])("deliveries of %s", (target) => {
  it.each([false, true])("are listed and repeated (GitHub Enterprise Server: %s)", async (ghes) => {
    const { hook, create, queue, answer } = await open(target, { ghes });
    await queue(502);
    const deliveries = create();

    const [failed] = (await deliveries.list(hook, undefined)).attempts;
    expect(failed).toMatchObject({ event: "workflow_job", action: "queued", statusCode: 502 });
    answer(200);
    await deliveries.redeliver(hook, failed?.id ?? "");
    await github.deliveries.settled();

    const [newest] = (await deliveries.list(hook, undefined)).attempts;
    expect(newest).toMatchObject({ guid: failed?.guid, statusCode: 200 });
  });

  it("are paged by the cursor of the Link header", async () => {
    const { hook, create, queue } = await open(target);
    for (let count = 0; count < 101; count++) await queue(200);
    const deliveries = create();

    const first = await deliveries.list(hook, undefined);
    const second = await deliveries.list(hook, first.nextCursor);

    const guids = [...first.attempts, ...second.attempts].map(({ guid }) => guid);
    expect(first.attempts).toHaveLength(100);
    expect(second.nextCursor).toBeUndefined();
    expect(new Set(guids).size).toBeGreaterThan(100);
    await expect(deliveries.list(hook, "nonsense")).rejects.toBeInstanceOf(InvalidCursorError);
  });
});

describe("the deliveries' adapter", () => {
  it("counts each call, and mints one narrow token for many", async () => {
    const { hook, create } = await open("repos/my-org/shop");
    let calls = 0;
    const deliveries = create(() => void calls++, github.installationId);

    await deliveries.list(hook, undefined);
    await deliveries.list(hook, undefined);

    expect(calls).toBe(3);
    expect(github.calls()).toHaveLength(3);
    const [token, ...others] = github.tokens();
    expect(others).toEqual([]);
    expect(token?.permissions).toMatchObject({ repository_hooks: "write" });
    expect(Object.keys(token?.permissions ?? {}).sort()).toEqual(["metadata", "repository_hooks"]);
    expect(token?.repositories?.map(({ fullName }) => fullName)).toEqual(["my-org/shop"]);
  });

  it.each([
    ["orgs/my-org", "Organization permissions, Webhooks: Read and write"],
    ["repos/my-org/shop", "Repository permissions, Webhooks: Read and write"],
  ])("names the permission that is missing for %s", async (target, permission) => {
    const { hook, create } = await open(target, { app: { permissions: { actions: "write" } } });

    const failure = create().list(hook, undefined);

    await expect(failure).rejects.toBeInstanceOf(NotPermittedError);
    await expect(failure).rejects.toMatchObject({ permission });
  });

  it("tells a rate limit, a hook that is gone and a delivery that is gone", async () => {
    const { hook, create } = await open("repos/my-org/shop");
    const deliveries = create();
    const other: WatchedHook = { kind: "repository", repository: "my-org/shop", hookId: 1 };

    await expect(deliveries.list(other, undefined)).rejects.toBeInstanceOf(NotFoundError);
    await expect(deliveries.redeliver(hook, "1")).rejects.toBeInstanceOf(NotFoundError);
    github.limits.secondary({ retryAfterSeconds: 77 });
    const refused = deliveries.list(hook, undefined);
    await expect(refused).rejects.toBeInstanceOf(ThrottledError);
    await expect(refused).rejects.toMatchObject({ retryAfterSeconds: 77 });
  });

  it("keeps every digit of an id", async () => {
    const { hook } = await open("app");
    const id = "9223372036854775807";
    const item = `{"id":${id},"guid":"g","delivered_at":"2026-01-01T00:00:00Z","status_code":502,"event":"workflow_job","action":"queued"}`;
    const fetch: typeof globalThis.fetch = async () =>
      new Response(`[${item}]`, { headers: { "content-type": "application/json" } });
    const app = { appId: String(github.app.id), key: steadyKey(github.app.privateKey) };

    const { attempts } = await createHookDeliveries({ apiUrl: github.apiUrl, app, fetch })(() => undefined).list(
      hook,
      undefined,
    );

    expect(attempts.map((attempt) => attempt.id)).toEqual([id]);
  });
});
