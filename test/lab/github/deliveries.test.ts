import { createHmac } from "node:crypto";
import type { WorkflowJobEvent } from "@octokit/webhooks-types";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GitHubOptions, type LabGitHub, startGitHub } from "../../../lab/github/start-github.ts";
import { startWebhookReceiver, type WebhookReceiver } from "../../../lab/github/webhook-receiver.ts";

let github: LabGitHub;
let receiver: WebhookReceiver;

const start = async (options: Partial<GitHubOptions> = {}) => {
  await github?.close();
  github = await startGitHub({ repositories: ["acme/app", "acme/lib"], ...options });
};
beforeEach(async () => {
  receiver = await startWebhookReceiver();
  await start();
});
afterEach(async () => {
  github.assertFaithful();
  await github.close();
  await receiver.close();
});

const secret = "It's a Secret to Everybody";
const hookUp = (target = "orgs/acme", more: object = {}) =>
  github.createHook(target, { url: receiver.url, secret, contentType: "json", events: ["workflow_job"], ...more });
const queue = (repository = "acme/app") => github.queueJob({ repository, labels: ["self-hosted", "microvm"] });
const bodies = () => receiver.received.map(({ body }): WorkflowJobEvent => JSON.parse(body));
const actions = () => bodies().map(({ action }) => action);
/** What came for jobs, without the ping of each hook. */
const jobDeliveries = () => github.deliveries.all().filter(({ event }) => event === "workflow_job");

describe("a delivery", () => {
  it("carries GitHub's headers and a signature over its body", async () => {
    const hook = hookUp();
    queue();
    await github.deliveries.settled();

    const { headers, body } = receiver.received.at(-1) ?? { headers: {}, body: "" };

    const sign = (algorithm: string) => createHmac(algorithm, secret).update(body).digest("hex");
    expect(headers).toMatchObject({
      "content-type": "application/json",
      "user-agent": expect.stringMatching(/^GitHub-Hookshot\//),
      "x-github-event": "workflow_job",
      "x-github-delivery": expect.stringMatching(/^[0-9a-f-]{36}$/),
      "x-github-hook-id": String(hook.id),
      "x-github-hook-installation-target-type": "organization",
      "x-hub-signature": `sha1=${sign("sha1")}`,
      "x-hub-signature-256": `sha256=${sign("sha256")}`,
    });
  });

  it("is about this job, with every field of a recorded payload", async () => {
    hookUp();
    const job = queue();
    await github.deliveries.settled();

    const payload = bodies().find(({ action }) => action === "queued");

    expect(payload?.workflow_job).toMatchObject({
      ...{ id: job.id, run_id: job.run.id, run_attempt: 1, status: "queued", conclusion: null },
      ...{ labels: ["self-hosted", "microvm"], runner_id: null, runner_name: null, head_branch: "main" },
    });
    expect(payload?.repository).toMatchObject({ full_name: "acme/app", private: true, owner: { login: "acme" } });
    expect(payload?.organization).toMatchObject({ login: "acme" });
    expect(payload).not.toHaveProperty("installation");
    expect(JSON.stringify(payload)).not.toMatch(/Codertocat|Octocoders|api\.github\.com/);
  });

  it("of an App's hook names the installation", async () => {
    github.createHook(github.app, { url: receiver.url, secret, contentType: "json", events: ["workflow_job"] });
    queue();
    await github.deliveries.settled();

    expect(bodies().at(-1)?.installation).toMatchObject({ id: github.installationId });
    expect(receiver.received.at(-1)?.headers["x-github-hook-installation-target-type"]).toBe("integration");
  });

  it("is a form where the hook says no other, and has no signature without a secret", async () => {
    hookUp("orgs/acme", { contentType: "form", secret: "" });
    queue();
    await github.deliveries.settled();

    const { headers, body } = receiver.received.at(-1) ?? { headers: {}, body: "" };

    expect(headers["content-type"]).toBe("application/x-www-form-urlencoded");
    expect(headers).not.toHaveProperty("x-hub-signature-256");
    expect(JSON.parse(new URLSearchParams(body).get("payload") ?? "")).toMatchObject({ action: "queued" });
  });

  it("goes to the hooks that cover the repository, want the event and are active", async () => {
    const wanted = [hookUp(), hookUp("repos/acme/app")];
    hookUp("repos/acme/lib");
    hookUp("repos/acme/app", { events: ["push"] });
    hookUp("repos/acme/app", { events: ["workflow_job", "push"], active: false });

    queue();
    await github.deliveries.settled();

    expect(jobDeliveries().map(({ hook }) => hook.id)).toEqual(wanted.map(({ id }) => id));
  });

  it("of Enterprise Server says so", async () => {
    await start({ ghes: true });
    hookUp();
    await github.deliveries.settled();

    expect(receiver.received[0]?.headers).toHaveProperty("x-github-enterprise-version");
  });
});

describe("a new hook", () => {
  it("gets a ping", async () => {
    const hook = hookUp("repos/acme/app");
    await github.deliveries.settled();

    expect(receiver.received[0]?.headers["x-github-event"]).toBe("ping");
    expect(JSON.parse(receiver.received[0]?.body ?? "")).toMatchObject({
      zen: expect.any(String),
      hook_id: hook.id,
      hook: { type: "Repository", events: ["workflow_job"], config: { url: receiver.url, secret: "********" } },
      repository: { full_name: "acme/app" },
    });
  });
});

describe("a delivery that fails", () => {
  it("is noted with the answer and not sent again", async () => {
    hookUp();
    receiver.answerWith(200, 500);
    queue();
    await github.deliveries.settled();

    expect(jobDeliveries()).toMatchObject([
      { status: "Invalid HTTP Response: 500", statusCode: 500, response: { body: "noted" } },
    ]);
    expect(actions()).toEqual([undefined, "queued"]);
  });

  it("is given up when the answer takes too long", async () => {
    await start({ webhookTimeoutMs: 200 });
    hookUp();
    receiver.answerWith(200, "never");
    await github.deliveries.settled();
    queue();
    await github.deliveries.settled();

    expect(jobDeliveries()).toMatchObject([{ status: "timed out", response: null }]);
  });

  it("is noted when nobody listens", async () => {
    const gone = await startWebhookReceiver();
    await gone.close();
    hookUp("orgs/acme", { url: gone.url });
    queue();
    await github.deliveries.settled();

    expect(jobDeliveries()).toMatchObject([{ status: "failed to connect to host" }]);
  });

  it("comes again with the same GUID and body when it is asked for", async () => {
    hookUp();
    receiver.answerWith(200, 503);
    queue();
    await github.deliveries.settled();
    const [failed] = jobDeliveries();
    if (failed === undefined) throw new Error("no delivery");

    github.deliveries.redeliver(failed);
    await github.deliveries.settled();

    const again = jobDeliveries().at(-1);
    expect(again).toMatchObject({ guid: failed.guid, redelivery: true, status: "OK" });
    expect(again?.id).toBeGreaterThan(failed.id);
    expect(again?.request.body).toBe(failed.request.body);
  });
});

describe("a fault", () => {
  it("loses a delivery, noted or not", async () => {
    hookUp();
    github.deliveries.next("lose");
    github.deliveries.next("vanish");
    queue();
    queue();
    queue();
    await github.deliveries.settled();

    expect(actions().filter((action) => action === "queued")).toHaveLength(1);
    expect(
      jobDeliveries()
        .map(({ status }) => status)
        .sort(),
    ).toEqual(["OK", "failed to connect to host"]);
  });

  it("delays a delivery", async () => {
    hookUp();
    github.deliveries.next("delay", { action: "queued", delayMs: 300 });
    const job = queue();
    github.cancelJob(job.id);
    await github.deliveries.settled();

    expect(actions().slice(1)).toEqual(["completed", "queued"]);
  });

  it("sends a delivery twice with one GUID", async () => {
    hookUp();
    await github.deliveries.settled();
    github.deliveries.next("duplicate");
    queue();
    await github.deliveries.settled();

    const guids = receiver.received.slice(1).map(({ headers }) => headers["x-github-delivery"]);
    expect(guids).toHaveLength(2);
    expect(new Set(guids).size).toBe(1);
  });

  it("sends a delivery after the next one", async () => {
    hookUp();
    await github.deliveries.settled();
    github.deliveries.next("reorder", { action: "queued" });
    const job = queue();
    github.cancelJob(job.id);
    await github.deliveries.settled();

    expect(actions().slice(1)).toEqual(["completed", "queued"]);
  });

  it("leaves GitHub without the answer to a delivery that arrived", async () => {
    hookUp();
    github.deliveries.next("unanswered", { action: "queued" });
    queue();
    await github.deliveries.settled();

    expect(actions()).toContain("queued");
    expect(jobDeliveries()).toMatchObject([{ status: "timed out" }]);
  });
});
