import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createLogger } from "../../../contract/log.ts";
import type { QueueMessage } from "../../../contract/messages.ts";
import { finishMac } from "../../../dispatcher/core/signature.ts";
import { receiveRequest } from "../../../dispatcher/flows/receive-request.ts";
import type { WebhookDeps } from "../../../dispatcher/flows/webhook-request.ts";
import { rememberRecent } from "../../../dispatcher/recent.ts";
import { cacheSecret } from "../../../dispatcher/secret-cache.ts";
import { deliveryHeaders, functionUrlEvent } from "../../../lab/world/services/function-url-event.ts";

const SECRET = "a webhook secret";
const NOW = new Date("2026-01-01T12:00:00Z");

function setUp(change: { secrets?: string[]; now?: () => Date; sendFails?: boolean; sendFailures?: number } = {}) {
  let failures = change.sendFailures ?? 0;
  const sent: QueueMessage[] = [];
  const lines: string[] = [];
  const clock = { now: change.now ?? (() => NOW) };
  const deps: WebhookDeps = {
    environment: {
      REQUIRED_LABELS: ["self-hosted", "microvm"],
      RUNNER_LABELS: ["self-hosted", "linux", "arm64", "microvm"],
      GH_OWNER: "acme",
      GH_REPOSITORIES: [],
      CLASSES_PARAM: "",
      RUNNER_NAME_PREFIX: "gha",
      QUEUE_URL: "https://sqs.example/jobs",
      WEBHOOK_SECRET_PARAM: "/gha/webhook",
      WEBHOOK_SECRET_GENERATION: "1",
    },
    secrets: cacheSecret(clock, async () => [...(change.secrets ?? [SECRET])]),
    classes: async () => ({}),
    queue: {
      send: async (message) => {
        if (change.sendFails || failures-- > 0) throw new Error(`cannot send, secret ${SECRET}`);
        sent.push(message);
      },
      changeVisibility: async () => undefined,
    },
    finished: rememberRecent(2),
    clock,
    log: createLogger((line) => lines.push(line)),
  };
  return { deps, sent, lines };
}

function queued(change: object = {}): string {
  return JSON.stringify({
    action: "queued",
    workflow_job: { id: 11, run_id: 22, labels: ["self-hosted", "microvm"], ...change },
    repository: { full_name: "acme/shop" },
  });
}

function delivery(body: string, secret = SECRET, event?: string) {
  return functionUrlEvent({ body, headers: deliveryHeaders(body, secret, event) });
}

describe("a delivery", () => {
  it("is verified over its bytes, also where they are no text", async () => {
    const { deps, lines } = setUp();
    const bytes = Buffer.concat([Buffer.from(queued().slice(0, -1)), Buffer.from([0xff, 0xfe])]);
    const headers = {
      ...deliveryHeaders("", SECRET),
      "x-hub-signature-256": `sha256=${createHmac("sha256", SECRET).update(bytes).digest("hex")}`,
    };
    const event = { ...functionUrlEvent({ headers }), body: bytes.toString("base64"), isBase64Encoded: true };

    expect(await receiveRequest(deps, event)).toMatchObject({ statusCode: 400 });
    expect(lines.join()).not.toContain("signature");
  });

  it("is answered 202 once its message is in the queue", async () => {
    const { deps, sent } = setUp();
    expect(await receiveRequest(deps, delivery(queued()))).toMatchObject({ statusCode: 202 });
    expect(sent).toMatchObject([{ type: "launch", jobId: 11, repository: "acme/shop" }]);
  });

  it("counts when Lambda hands its body over in base64", async () => {
    const { deps, sent } = setUp();
    const body = queued({ name: "größer" });
    const event = functionUrlEvent({ body, headers: deliveryHeaders(body, SECRET), base64: true });
    expect(await receiveRequest(deps, event)).toMatchObject({ statusCode: 202 });
    expect(sent).toHaveLength(1);
  });

  it.each([
    ["without a signature", (h: Record<string, string>) => ({ ...h, "x-hub-signature-256": "" }), 401],
    [
      "with a wrong signature",
      (h: Record<string, string>) => ({ ...h, "x-hub-signature-256": `sha256=${"0".repeat(64)}` }),
      401,
    ],
    ["as a form", (h: Record<string, string>) => ({ ...h, "content-type": "application/x-www-form-urlencoded" }), 415],
  ])("%s is refused and not queued", async (_, change, statusCode) => {
    const { deps, sent } = setUp();
    const body = queued();
    const event = functionUrlEvent({ body, headers: change(deliveryHeaders(body, SECRET)) });
    expect(await receiveRequest(deps, event)).toMatchObject({ statusCode });
    expect(sent).toEqual([]);
  });

  it("is refused without any header", async () => {
    const { deps, sent } = setUp();
    expect(await receiveRequest(deps, functionUrlEvent({ body: queued() }))).toEqual({ statusCode: 401 });
    expect(sent).toEqual([]);
  });

  it.each([
    ["is not JSON", "hello", 400],
    ["is empty", "", 400],
    ["has labels we do not serve", queued({ labels: ["ubuntu-latest"] }), 200],
    ["comes from a repository out of scope", queued().replace("acme/shop", "evil/shop"), 200],
  ])("that %s is answered and not queued", async (_, body, statusCode) => {
    const { deps, sent } = setUp();
    expect(await receiveRequest(deps, delivery(body))).toMatchObject({ statusCode });
    expect(sent).toEqual([]);
  });

  it("of an event that is not served is answered 200 and not queued", async () => {
    const { deps, sent } = setUp();
    expect(await receiveRequest(deps, delivery("{}", SECRET, "push"))).toMatchObject({ statusCode: 200 });
    expect(await receiveRequest(deps, delivery("{}", SECRET, "ping"))).toMatchObject({ statusCode: 200, body: "pong" });
    expect(sent).toEqual([]);
  });

  it("above 1 MB is refused before its signature is computed", async () => {
    const { deps } = setUp();
    const event = functionUrlEvent({ body: "x".repeat(1024 * 1024 + 1) });
    expect(await receiveRequest(deps, event)).toEqual({ statusCode: 413 });
  });

  it("nested as deep as its size allows is parsed within bounds", async () => {
    const { deps, sent } = setUp();
    const room = (1024 * 1024 - queued().length) / 2 - 10;
    const body = queued({ deep: "HERE" }).replace('"HERE"', "[".repeat(room) + "]".repeat(room));
    expect(await receiveRequest(deps, delivery(body))).toMatchObject({ statusCode: 202 });
    expect(sent).toHaveLength(1);
  });

  it("is answered 500 when the queue does not take it, and shows nothing of why", async () => {
    const { deps } = setUp({ sendFails: true });
    expect(await receiveRequest(deps, delivery(queued()))).toEqual({ statusCode: 500 });
  });

  it("counts under either secret while one is rotated", async () => {
    const { deps, sent } = setUp({ secrets: ["new", "old"] });
    await receiveRequest(deps, delivery(queued(), "old"));
    await receiveRequest(deps, delivery(queued(), "new"));
    expect(sent).toHaveLength(2);
  });

  it("counts under a secret that was rotated after it was cached", async () => {
    let now = NOW;
    const secrets = ["old"];
    const { deps, sent } = setUp({ secrets, now: () => now });
    await receiveRequest(deps, delivery(queued(), "old"));
    secrets[0] = "new";
    now = new Date(now.getTime() + 60_000);
    const answers = await Promise.all([1, 2].map(() => receiveRequest(deps, delivery(queued(), "new"))));
    expect(answers).toMatchObject([{ statusCode: 202 }, { statusCode: 202 }]);
    expect(sent).toHaveLength(3);
  });

  it("leaves neither its body nor a signature in the log", async () => {
    const { deps, lines } = setUp();
    const body = queued({ name: "confidential" });
    const headers = deliveryHeaders(body, SECRET);
    await receiveRequest(deps, functionUrlEvent({ body, headers }));
    await receiveRequest(deps, functionUrlEvent({ body: `${body} `, headers }));
    expect(lines).toHaveLength(2);
    const log = lines.join("\n");
    const expected = deliveryHeaders(`${body} `, SECRET)["x-hub-signature-256"] ?? "";
    for (const secret of [SECRET, "confidential", headers["x-hub-signature-256"], expected]) {
      expect(log).not.toContain(secret);
    }
  });
});

describe("a finish call", () => {
  const expiresAt = NOW.getTime() / 1_000 + 60;
  const call = { launchId: "11-1", expiresAt, mac: finishMac(SECRET, "11-1", expiresAt) };
  const finish = (body: unknown) => functionUrlEvent({ path: "/finish", body: JSON.stringify(body) });

  it("is queued for its own launch", async () => {
    const { deps, sent } = setUp();
    expect(await receiveRequest(deps, finish(call))).toEqual({ statusCode: 202 });
    expect(sent).toEqual([{ type: "finish", source: "vm", launchId: "11-1" }]);
  });

  it("hands on what it says about the runner, under the same MAC", async () => {
    const { deps, sent } = setUp();
    const refused = { problem: "runner-refused", runner: "2.338.0" } as const;
    expect(await receiveRequest(deps, finish({ ...call, ...refused }))).toEqual({ statusCode: 202 });
    expect(sent).toEqual([{ type: "finish", source: "vm", launchId: "11-1", ...refused }]);
  });

  it("that is repeated is answered like the first and not queued again, as long as it is remembered", async () => {
    const { deps, sent } = setUp();
    const callOf = (launchId: string) => finish({ launchId, expiresAt, mac: finishMac(SECRET, launchId, expiresAt) });
    for (const launchId of ["11-1", "11-1", "11-2", "11-1"]) {
      expect(await receiveRequest(deps, callOf(launchId))).toEqual({ statusCode: 202 });
    }
    expect(sent.map((message) => "launchId" in message && message.launchId)).toEqual(["11-1", "11-2"]);

    await receiveRequest(deps, callOf("11-3"));
    await receiveRequest(deps, callOf("11-1"));
    expect(sent).toHaveLength(4);
  });

  it("that is repeated with a wrong MAC is refused all the same", async () => {
    const { deps } = setUp();
    await receiveRequest(deps, finish(call));
    expect(await receiveRequest(deps, finish({ ...call, mac: "0".repeat(64) }))).toEqual({ statusCode: 401 });
  });

  it("that the queue did not take counts when it is repeated", async () => {
    const { deps, sent } = setUp({ sendFailures: 1 });
    expect(await receiveRequest(deps, finish(call))).toEqual({ statusCode: 500 });
    expect(await receiveRequest(deps, finish(call))).toEqual({ statusCode: 202 });
    expect(sent).toHaveLength(1);
  });

  it.each([
    ["for another launch", { ...call, launchId: "11-2" }, 401],
    ["with a moved expiry", { ...call, expiresAt: expiresAt + 1 }, 401],
    ["that is malformed", { ...call, mac: 1 }, 400],
    ["with a problem that is none", { ...call, problem: "x" }, 400],
    ["with a runner that is no version", { ...call, problem: "runner-refused", runner: "2.338.0 " }, 400],
    ["that is no object", "x", 400],
    ["that is huge", { ...call, padding: "x".repeat(5_000) }, 400],
  ])("%s is refused", async (_, body, statusCode) => {
    const { deps, sent } = setUp();
    expect(await receiveRequest(deps, finish(body))).toEqual({ statusCode });
    expect(sent).toEqual([]);
  });

  it("is refused once it has expired", async () => {
    const { deps } = setUp({ now: () => new Date(NOW.getTime() + 61_000) });
    expect(await receiveRequest(deps, finish(call))).toEqual({ statusCode: 401 });
  });
});

describe("everything else", () => {
  it.each([
    ["GET", "/", 405],
    ["GET", "/finish", 405],
    ["POST", "/other", 404],
    ["POST", "/../", 404],
    ["DELETE", "/finish/", 404],
  ])("%s %s gets an empty %i", async (method, path, statusCode) => {
    const { deps } = setUp();
    expect(await receiveRequest(deps, functionUrlEvent({ method, path }))).toEqual({ statusCode });
  });
});
