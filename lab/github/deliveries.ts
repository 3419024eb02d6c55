import { createHmac } from "node:crypto";
import type { LabClock } from "../aws/clock.ts";
import { sleep } from "../aws/clock.ts";
import type { EventLog } from "../aws/event-log.ts";
import { createDeliveryFaults, type DeliveryFaults } from "./delivery-faults.ts";
import { GHES_VERSION } from "./ghes-version.ts";
import type { Hook } from "./hooks.ts";
import type { Ids } from "./ids.ts";

/** An event on its way to a hook. */
export interface Notice {
  event: string;
  action: string | null;
  payload: object;
  installationId: number | null;
  repositoryId: number | null;
  jobId?: number;
}

export interface Delivery extends Notice {
  id: number;
  hook: Hook;
  /** `X-GitHub-Delivery`: a redelivery has that of the first delivery. */
  guid: string;
  redelivery: boolean;
  deliveredAt: number;
  durationSeconds: number;
  /** `OK`, or what went wrong. */
  status: string;
  statusCode: number;
  request: { headers: Record<string, string>; body: string };
  response: { headers: Record<string, string>; body: string } | null;
}

export interface DeliveryOptions {
  /** GitHub waits no longer for an answer; 10 seconds. */
  timeoutMs: number;
  /** How requests are made; a lab whose host names exist nowhere routes them here. */
  send: typeof fetch;
  ghes: boolean;
}

export interface Deliveries {
  /** Sends it to the hook, once: GitHub does not retry. */
  deliver(hook: Hook, notice: Notice): void;
  /** Sends it again with the same GUID and body, signed with the hook's secret of today. */
  redeliver(delivery: Delivery): Delivery | undefined;
  /** Those that GitHub still shows, newest first. */
  list(hook: Hook): Delivery[];
  all(): readonly Delivery[];
  next: DeliveryFaults["next"];
  /** Resolves when nothing is on its way. */
  settled(): Promise<void>;
  stop(): void;
}

/** GitHub shows deliveries of the past three days. */
const SHOWN_MS = 3 * 86_400_000;
/** Of GitHub's own answer in the delivery log; a longer body of a receiver is cut. */
const MAX_RESPONSE_LENGTH = 65_536;

/** Sends webhooks and keeps what came of each. */
export function createDeliveries(ids: Ids, clock: LabClock, events: EventLog, options: DeliveryOptions): Deliveries {
  const deliveries: Delivery[] = [];
  const faults = createDeliveryFaults();
  const underWay = new Set<Promise<void>>();
  const heldBack = new Map<number, (() => void)[]>();
  const stopped = new AbortController();

  const track = (work: Promise<void>) => {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  };
  const prepare = (hook: Hook, notice: Notice, guid: string, redelivery: boolean): Delivery => {
    const body = encodeBody(hook, notice.payload);
    return {
      ...notice,
      id: ids.next("delivery"),
      hook,
      guid,
      redelivery,
      deliveredAt: clock.now(),
      durationSeconds: 0,
      status: "pending",
      statusCode: 0,
      request: { headers: headersOf(hook, notice.event, guid, body, options.ghes), body },
      response: null,
    };
  };
  const settle = (delivery: Delivery, status: string, statusCode: number) => {
    Object.assign(delivery, { status, statusCode, durationSeconds: (clock.now() - delivery.deliveredAt) / 1_000 });
    delivery.hook.lastResponse = { code: statusCode, status: statusCode < 300 ? "active" : "failed", message: status };
    deliveries.push(delivery);
    events.emit("delivery.answered", { ...fieldsOf(delivery), status, statusCode });
  };
  const post = async (delivery: Delivery, hangUp: boolean) => {
    delivery.deliveredAt = clock.now();
    events.emit("delivery.sent", fieldsOf(delivery));
    try {
      const response = await options.send(delivery.hook.url, {
        method: "POST",
        headers: delivery.request.headers,
        body: delivery.request.body,
        redirect: "manual",
        signal: AbortSignal.any([stopped.signal, AbortSignal.timeout(options.timeoutMs)]),
      });
      const body = (await response.text()).slice(0, MAX_RESPONSE_LENGTH);
      if (hangUp) return settle(delivery, "timed out", 504);
      delivery.response = { headers: readHeaders(response.headers), body };
      settle(delivery, response.ok ? "OK" : `Invalid HTTP Response: ${response.status}`, response.status);
    } catch (error: unknown) {
      if (stopped.signal.aborted) return;
      const timedOut = error instanceof Error && error.name === "TimeoutError";
      if (timedOut) settle(delivery, "timed out", 504);
      else settle(delivery, "failed to connect to host", 502);
    }
  };
  const release = (hook: Hook) => {
    for (const send of heldBack.get(hook.id)?.splice(0) ?? []) send();
  };
  const dispatch = (delivery: Delivery) => {
    const planned = faults.take(delivery.event, delivery.action);
    const send = (hangUp = false) => track(post(delivery, hangUp));
    if (planned !== undefined) events.emit("delivery.fault", { ...fieldsOf(delivery), fault: planned.fault });
    switch (planned?.fault) {
      case "vanish":
        return;
      case "lose":
        return settle(delivery, "failed to connect to host", 502);
      case "unanswered":
        return send(true);
      case "delay":
        return track(sleep(clock, planned.delayMs).then(() => post(delivery, false)));
      case "duplicate":
        send();
        return track(post({ ...delivery, id: ids.next("delivery") }, false));
      case "reorder":
        heldBack.set(delivery.hook.id, [...(heldBack.get(delivery.hook.id) ?? []), send]);
        return;
      default:
        track(post(delivery, false).then(() => release(delivery.hook)));
    }
  };

  return {
    deliver(hook, notice) {
      if (!hook.active) return;
      dispatch(prepare(hook, notice, ids.uuid(), false));
    },
    redeliver(delivery) {
      const { hook, guid } = delivery;
      const again = prepare(hook, delivery, guid, true);
      dispatch(again);
      return again;
    },
    list: (hook) =>
      deliveries
        .filter((delivery) => delivery.hook.id === hook.id && delivery.deliveredAt > clock.now() - SHOWN_MS)
        .sort((one, other) => other.id - one.id),
    all: () => deliveries,
    next: faults.next,
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    stop: () => stopped.abort(),
  };
}

function readHeaders(headers: Headers): Record<string, string> {
  const read: Record<string, string> = {};
  headers.forEach((value, name) => {
    read[name] = value;
  });
  return read;
}

function fieldsOf({ guid, event, action, jobId, hook, redelivery }: Delivery) {
  return { guid, event, action, hookId: hook.id, redelivery, ...(jobId === undefined ? {} : { jobId }) };
}

function encodeBody(hook: Hook, payload: object): string {
  const text = JSON.stringify(payload);
  return hook.contentType === "json" ? text : new URLSearchParams({ payload: text }).toString();
}

function headersOf(hook: Hook, event: string, guid: string, body: string, ghes: boolean): Record<string, string> {
  const { target, secret, contentType } = hook;
  const sign = (algorithm: string, key: string) =>
    `${algorithm}=${createHmac(algorithm, key).update(body, "utf8").digest("hex")}`;
  const [type, id] =
    target.kind === "app"
      ? ["integration", target.app.id]
      : target.kind === "organization"
        ? ["organization", target.owner.id]
        : ["repository", target.repository.id];
  return {
    accept: "*/*",
    "content-type": contentType === "json" ? "application/json" : "application/x-www-form-urlencoded",
    "user-agent": "GitHub-Hookshot/7f4c2e1",
    "x-github-delivery": guid,
    "x-github-event": event,
    "x-github-hook-id": String(hook.id),
    "x-github-hook-installation-target-id": String(id),
    "x-github-hook-installation-target-type": String(type),
    ...(ghes ? { "x-github-enterprise-host": "github.example.com", "x-github-enterprise-version": GHES_VERSION } : {}),
    ...(secret === undefined
      ? {}
      : { "x-hub-signature": sign("sha1", secret), "x-hub-signature-256": sign("sha256", secret) }),
  };
}
