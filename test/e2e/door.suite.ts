import { createHmac } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { FINISH_PATH } from "../../contract/finish-call.ts";
import { finishMac } from "../../dispatcher/core/signature.ts";
import { leftoversOf } from "../../lab/simulate/timeline.ts";
import { deliveryHeaders } from "../../lab/world/services/function-url-event.ts";
import { eventually } from "../support/eventually.ts";
import type { AppliedLab } from "./applied-lab.ts";
import { deployment } from "./deployment.ts";

let lab: AppliedLab;
/** A delivery that would be served, as GitHub sends it. */
let body: string;
const answers: string[] = [];
let sentBefore: number;

beforeAll(async () => {
  lab = deployment();
  const job = lab.queueJob({ labels: ["ubuntu-latest"] });
  await eventually(() => expect(lab.github.deliveries.all().some(({ jobId }) => jobId === job.id)).toBe(true));
  const sent = lab.github.deliveries.all().find(({ jobId }) => jobId === job.id)?.request.body ?? "";
  body = sent.replaceAll('"ubuntu-latest"', '"self-hosted","linux","arm64","microvm"');
  lab.github.cancelJob(job.id);
  await lab.github.deliveries.settled();
  sentBefore = sendsToQueue().length;
});

async function post(text: string, headers: Record<string, string>, path = ""): Promise<number> {
  const response = await fetch(`${lab.url}${path}`, { method: "POST", headers, body: text });
  return keep(response);
}

async function keep(response: Response): Promise<number> {
  const parts = [await response.text()];
  response.headers.forEach((value, name) => void parts.push(`${name}: ${value}`));
  answers.push(parts.join("\n"));
  return response.status;
}

const signed = (text: string, event?: string) => deliveryHeaders(text, lab.webhookSecret, event);
const without = (name: string, { [name]: _, ...rest }: Record<string, string>) => rest;
const sendsToQueue = () => lab.aws.gateway.calls().filter(({ operation }) => operation.startsWith("SendMessage"));

describe("the function URL", () => {
  it("refuses a wrong signature", async () => {
    expect(await post(body, deliveryHeaders(body, "another secret"))).toBe(401);
    expect(await post(body.replace("queued", "queued "), signed(body))).toBe(401);
    expect(await post(body, { ...signed(body), "x-hub-signature-256": "sha256=" })).toBe(401);
  });

  it("refuses a missing signature, and one by SHA-1 alone", async () => {
    const unsigned = without("x-hub-signature-256", signed(body));
    expect(await post(body, unsigned)).toBe(401);
    const sha1 = createHmac("sha1", lab.webhookSecret).update(body).digest("hex");
    expect(await post(body, { ...unsigned, "x-hub-signature": `sha1=${sha1}` })).toBe(401);
  });

  it("refuses a body that is not JSON", async () => {
    expect(await post("{ oops", signed("{ oops"))).toBe(400);
    expect(await post("", signed(""))).toBe(400);
  });

  it("lets events pass that it does not serve", async () => {
    expect(await post(body, signed(body, "push"))).toBe(200);
    expect(await post(body, signed(body, "ping"))).toBe(200);
    const waiting = body.replace('"action":"queued"', '"action":"waiting"');
    expect(waiting).not.toBe(body);
    expect(await post(waiting, signed(waiting))).toBe(200);
  });

  it("lets jobs pass whose labels it does not serve", async () => {
    const other = body.replaceAll('"microvm"', '"gpu"');
    expect(other).not.toBe(body);
    expect(await post(other, signed(other))).toBe(200);
  });

  it("lets jobs pass of a repository that is out of scope", async () => {
    const other = body.replaceAll("my-org/shop", "their-org/shop");
    expect(other).not.toBe(body);
    expect(await post(other, signed(other))).toBe(200);
  });

  it("refuses a body of 25 MB, the largest that GitHub sends", async () => {
    const large = `{"x":"${"x".repeat(25 * 1_024 * 1_024)}"}`;
    expect(await post(large, signed(large))).toBe(413);
  });

  it("refuses other methods", async () => {
    expect(await keep(await fetch(lab.url))).toBe(405);
    expect(await keep(await fetch(lab.url, { method: "PUT", headers: signed(body), body }))).toBe(405);
    expect(await keep(await fetch(`${lab.url}${FINISH_PATH.slice(1)}`))).toBe(405);
  });

  it("does not know other paths", async () => {
    expect(await post(body, signed(body), "favicon.ico")).toBe(404);
    expect(await post(body, signed(body), "finish/")).toBe(404);
  });

  it("refuses a delivery in the form encoding and says what to set", async () => {
    const form = new URLSearchParams({ payload: body }).toString();
    const headers = { ...signed(form), "content-type": "application/x-www-form-urlencoded" };
    expect(await post(form, headers)).toBe(415);
    expect(answers.at(-1)).toContain("application/json");
  });

  it("refuses finish calls that are expired, forged or signed like a delivery", async () => {
    const launchId = "41204500001-1";
    const now = Math.floor(Date.now() / 1_000);
    const finish = (expiresAt: number, mac: string) =>
      post(JSON.stringify({ launchId, expiresAt, mac }), { "content-type": "application/json" }, FINISH_PATH.slice(1));
    expect(await finish(now - 1, finishMac(lab.webhookSecret, launchId, now - 1))).toBe(401);
    expect(await finish(now + 600, finishMac("another secret", launchId, now + 600))).toBe(401);
    expect(await finish(now + 600, finishMac(lab.webhookSecret, "41204500001-2", now + 600))).toBe(401);
    expect(await finish(now + 600, finishMac(lab.webhookSecret, launchId, now + 601))).toBe(401);
    const plain = createHmac("sha256", lab.webhookSecret)
      .update(`${launchId}.${now + 600}`)
      .digest("hex");
    expect(await finish(now + 600, plain)).toBe(401);
    expect(await post("not JSON", {}, FINISH_PATH.slice(1))).toBe(400);
  });

  it("has queued nothing of all that, and its answers hold no stack trace and no path", () => {
    expect(answers.length).toBeGreaterThan(20);
    expect(sendsToQueue().slice(sentBefore)).toEqual([]);
    expect(lab.aws.leftovers().queues).toEqual([]);
    for (const answer of answers) {
      expect(answer).not.toMatch(
        /\bat .+:\d+:\d+|\b\w*Error\b(?! *$)|node_modules|\/(tmp|var|home|work)\/|\.[cm]?[jt]s\b/m,
      );
      expect(answer).not.toContain(lab.webhookSecret);
    }
  });

  it("queues the same delivery once it is signed, in whatever case its header names are", async () => {
    const headers = Object.fromEntries(
      Object.entries(signed(body)).map(([name, value]) => [name.toUpperCase(), value]),
    );
    expect(await post(body, headers)).toBe(202);
    expect(sendsToQueue().length).toBeGreaterThan(sentBefore);
    await eventually(() => expect(leftoversOf(lab)).not.toEqual([]));
    // The job was over before; told so again, nobody waits until its runner has been idle for long enough.
    const completed = body
      .replace('"action":"queued"', '"action":"completed"')
      .replace(/"status":"\w+"/, '"status":"completed"');
    expect(await post(completed, signed(completed))).toBe(202);
    await eventually(() => expect(leftoversOf(lab)).toEqual([]));
  });
});
