import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LabGitHub, startGitHub } from "../../../lab/github/start-github.ts";
import { startWebhookReceiver, type WebhookReceiver } from "../../../lab/github/webhook-receiver.ts";
import { type Call, createTestClient } from "./support/client.ts";
import { createTestClock, type TestClock } from "./support/clock.ts";

interface Item {
  id: number;
  guid: string;
}

let github: LabGitHub;
let receiver: WebhookReceiver;
let clock: TestClock;
let call: Call;

beforeEach(async () => {
  clock = createTestClock();
  receiver = await startWebhookReceiver();
  github = await startGitHub({ repositories: ["acme/app"], clock });
  call = await createTestClient(github, { now: clock.now }).asInstallation();
});
afterEach(async () => {
  github.assertFaithful();
  await github.close();
  await receiver.close();
});

async function deliver(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    github.queueJob({ repository: "acme/app", labels: ["x"] });
    await github.deliveries.settled();
  }
}

const hookUp = (target = "orgs/acme") =>
  github.createHook(target, { url: receiver.url, secret: "s", contentType: "json", events: ["workflow_job"] });

describe("hooks", () => {
  it("are listed and shown without their secret", async () => {
    const ofOrganization = hookUp();
    const ofRepository = hookUp("repos/acme/app");
    await github.deliveries.settled();

    const listed = await call("GET /orgs/acme/hooks");
    const shown = await call(`GET /repos/acme/app/hooks/${ofRepository.id}`);

    expect(listed.data).toMatchObject([{ id: ofOrganization.id, config: { secret: "********" }, active: true }]);
    expect(shown.data).toMatchObject({ id: ofRepository.id, last_response: { code: 200, status: "active" } });
    expect((await call(`GET /orgs/acme/hooks/${ofRepository.id}`)).status).toBe(404);
  });
});

describe.each(["/orgs/acme", "/repos/acme/app"])("hooks of %s", (owner) => {
  const config = () => ({ url: receiver.url, content_type: "json", secret: "one" });
  const create = (more: Record<string, unknown> = {}) =>
    call(`POST ${owner}/hooks`, { name: "web", events: ["workflow_job"], config: config(), ...more });

  it("are made, changed and deleted by an installation with the right", async () => {
    const made = await create();
    const { id } = made.data as Item;
    const changed = await call(`PATCH ${owner}/hooks/${id}`, {
      active: false,
      config: { ...config(), url: "https://x.example" },
    });
    const hook = github.hooks().find((each) => each.id === id);

    expect([made.status, changed.status]).toEqual([201, 200]);
    expect(hook).toMatchObject({ url: "https://x.example", active: false, secret: "one", events: ["workflow_job"] });
    expect((await call(`DELETE ${owner}/hooks/${id}`)).status).toBe(204);
    expect(github.hooks()).toEqual([]);
    expect((await call(`DELETE ${owner}/hooks/${id}`)).status).toBe(404);
  });

  it("keep what a change leaves out, and lose a secret that a new configuration leaves out", async () => {
    const { id } = (await create()).data as Item;
    await call(`PATCH ${owner}/hooks/${id}`, { events: ["push"] });
    expect(github.hooks()[0]).toMatchObject({ secret: "one", contentType: "json", events: ["push"] });

    await call(`PATCH ${owner}/hooks/${id}`, { config: { url: receiver.url } });
    expect(github.hooks()[0]).not.toHaveProperty("secret");
  });

  it("are refused to an installation that may only read them", async () => {
    const permissions = { organization_hooks: "read", repository_hooks: "read" } as const;
    const reader = await createTestClient(github, { now: clock.now }).asInstallation({ permissions });

    expect((await reader(`POST ${owner}/hooks`, { name: "web", config: config() })).status).toBe(403);
    expect((await create({ events: ["nothing"] })).status).toBe(422);
  });
});

describe("deliveries", () => {
  it("are listed newest first, page by page, by a cursor", async () => {
    const hook = hookUp();
    await deliver(4);

    const first = await call(`GET /orgs/acme/hooks/${hook.id}/deliveries`, { per_page: 3 });
    const next = /<([^>]+)>; rel="next"/.exec(String(first.headers.link))?.[1] ?? "";
    const second = await call(`GET ${next}`);

    const ids = [...(first.data as Item[]), ...(second.data as Item[])].map(({ id }) => id);
    expect(first.data).toHaveLength(3);
    expect(ids).toHaveLength(5);
    expect(ids).toEqual(ids.toSorted((one, other) => other - one));
    expect(second.headers.link).toBeUndefined();
    expect((await call(`GET /orgs/acme/hooks/${hook.id}/deliveries`, { cursor: "junk" })).status).toBe(400);
  });

  it("are told apart by their outcome", async () => {
    const hook = hookUp("repos/acme/app");
    receiver.answerWith(200, 500);
    await deliver(2);

    const { data } = await call(`GET /repos/acme/app/hooks/${hook.id}/deliveries`, { status: "failure" });

    expect(data).toMatchObject([
      { status_code: 500, status: "Invalid HTTP Response: 500", event: "workflow_job", action: "queued" },
    ]);
  });

  it("show the request and the answer", async () => {
    const hook = hookUp();
    await deliver(1);
    const path = `/orgs/acme/hooks/${hook.id}/deliveries`;
    const [item] = (await call(`GET ${path}`)).data as Item[];

    const { data } = await call(`GET ${path}/${item?.id}`);

    expect(data).toMatchObject({
      guid: item?.guid,
      request: { headers: { "x-github-delivery": item?.guid }, payload: { action: "queued" } },
      response: { payload: "noted" },
    });
    expect((await call(`GET ${path}/1`)).status).toBe(404);
  });

  it("are sent again on demand", async () => {
    const hook = hookUp();
    receiver.answerWith(200, 500);
    await deliver(1);
    const path = `/orgs/acme/hooks/${hook.id}/deliveries`;
    const [failed] = (await call(`GET ${path}`, { status: "failure" })).data as Item[];

    expect((await call(`POST ${path}/${failed?.id}/attempts`)).status).toBe(202);
    await github.deliveries.settled();

    const [again] = (await call(`GET ${path}`)).data as Item[];
    expect(again).toMatchObject({ guid: failed?.guid, redelivery: true, status_code: 200 });
  });

  it("of the App's own hook are the App's to see and to send again", async () => {
    const asApp = await createTestClient(github, { now: clock.now }).asApp();
    expect((await asApp("GET /app/hook/deliveries")).status).toBe(404);
    github.createHook(github.app, { url: receiver.url, secret: "s", contentType: "json", events: ["workflow_job"] });
    await deliver(1);

    const { data } = await asApp("GET /app/hook/deliveries");

    const [item] = data as Item[];
    expect(item).toMatchObject({ event: "workflow_job", installation_id: github.installationId });
    expect((await asApp(`POST /app/hook/deliveries/${item?.id}/attempts`)).status).toBe(202);
    await github.deliveries.settled();
    expect((await asApp("GET /app/hook/config")).data).toMatchObject({ url: receiver.url, secret: "********" });
  });

  it("are forgotten after three days", async () => {
    const hook = hookUp();
    await deliver(1);

    // The job ends after one day in the queue, which is delivered too.
    clock.advance(4 * 86_400_000);
    await github.deliveries.settled();

    const fresh = await createTestClient(github, { now: clock.now }).asInstallation();
    expect((await fresh(`GET /orgs/acme/hooks/${hook.id}/deliveries`)).data).toEqual([]);
  });
});
