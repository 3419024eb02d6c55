import type { LabClock } from "../aws/clock.ts";
import { sleep } from "../aws/clock.ts";
import type { EventLog } from "../aws/event-log.ts";
import { createDeliveryFaults, type DeliveryFaults } from "./delivery-faults.ts";
import { deliveryRequest } from "./delivery-request.ts";
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
      request: deliveryRequest(hook, notice, guid, options.ghes),
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
    const outcome = await send(delivery, options, stopped.signal);
    if (outcome === "stopped") return;
    if (hangUp && outcome.response !== null) return settle(delivery, "timed out", 504);
    delivery.response = outcome.response;
    settle(delivery, outcome.status, outcome.statusCode);
  };
  const release = (hook: Hook) => {
    for (const sendNow of heldBack.get(hook.id)?.splice(0) ?? []) sendNow();
  };
  const dispatch = (delivery: Delivery) => {
    const planned = faults.take(delivery.event, delivery.action);
    const sendNow = (hangUp = false) => track(post(delivery, hangUp));
    if (planned !== undefined) events.emit("delivery.fault", { ...fieldsOf(delivery), fault: planned.fault });
    switch (planned?.fault) {
      case "vanish":
        return;
      case "lose":
        return settle(delivery, "failed to connect to host", 502);
      case "unanswered":
        return sendNow(true);
      case "delay":
        return track(sleep(clock, planned.delayMs).then(() => post(delivery, false)));
      case "duplicate":
        sendNow();
        return track(post({ ...delivery, id: ids.next("delivery") }, false));
      case "reorder":
        heldBack.set(delivery.hook.id, [...(heldBack.get(delivery.hook.id) ?? []), sendNow]);
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

/** Makes the request and says what came of it, as the delivery log has it. */
async function send(
  { hook, request }: Delivery,
  { send: fetchFrom, timeoutMs }: DeliveryOptions,
  stopped: AbortSignal,
): Promise<Pick<Delivery, "response" | "status" | "statusCode"> | "stopped"> {
  try {
    const response = await fetchFrom(hook.url, {
      method: "POST",
      ...request,
      redirect: "manual",
      signal: AbortSignal.any([stopped, AbortSignal.timeout(timeoutMs)]),
    });
    const body = (await response.text()).slice(0, MAX_RESPONSE_LENGTH);
    const status = response.ok ? "OK" : `Invalid HTTP Response: ${response.status}`;
    return { response: { headers: readHeaders(response.headers), body }, status, statusCode: response.status };
  } catch (error: unknown) {
    if (stopped.aborted) return "stopped";
    const timedOut = error instanceof Error && error.name === "TimeoutError";
    if (timedOut) return { response: null, status: "timed out", statusCode: 504 };
    return { response: null, status: "failed to connect to host", statusCode: 502 };
  }
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
