import type { QueueMessage } from "../../../contract/messages.ts";
import { RefusedError } from "../../../dispatcher/errors.ts";
import type { Clock, Queue } from "../../../dispatcher/ports.ts";
import { createFaultPlan, type Faulty } from "./fault-plan.ts";
import { createTimedHeap } from "./timed-heap.ts";

export interface ReceivedMessage {
  messageId: string;
  receiptHandle: string;
  body: string;
  /** How often it was received, this time included. */
  receiveCount: number;
  sentAt: Date;
}

export interface MemoryQueue extends Queue, Faulty<"send" | "changeVisibility"> {
  /** Takes up to `max` visible messages and hides them; one received too often goes to the dead letters instead. */
  receive(max?: number): ReceivedMessage[];
  delete(receiptHandle: string): void;
  /** A second copy of a message, as SQS may deliver it; visible at once. */
  duplicate(messageId: string): void;
  /** When the next message becomes visible; a moment that is past when one is visible already. */
  nextVisibleAt(): Date | undefined;
  /** ApproximateAgeOfOldestMessage: of what was received three times nothing is counted (AWS, SQS metrics). */
  oldestAgeSeconds(): number;
  /**
   * ApproximateNumberOfMessagesVisible and ApproximateNumberOfMessagesDelayed: to be taken, and not yet shown for the
   * first time.
   */
  counts(): { visible: number; delayed: number };
  /** Bodies of all messages, visible or not. */
  bodies(): string[];
  /** Bodies of the messages that were received too often. */
  deadLetters(): string[];
}

export interface MemoryQueueOptions {
  clock: Clock;
  visibilityTimeoutSeconds?: number;
  maxReceiveCount?: number;
  /** How much later than asked for a message that is sent now is shown, in seconds. */
  latenessOf?(delaySeconds: number): number;
}

interface Entry {
  id: string;
  body: string;
  visibleAtMs: number;
  sentAt: Date;
  receiveCount: number;
  receiptHandle?: string;
  deleted?: true;
}

/** The jobs queue in memory: at least once, in no order that a caller may rely on. */
export function createMemoryQueue(options: MemoryQueueOptions): MemoryQueue {
  const { clock, visibilityTimeoutSeconds = 120, maxReceiveCount = 10, latenessOf = () => 0 } = options;
  const { run, ...faulty } = createFaultPlan<"send" | "changeVisibility">();
  const entries = new Map<string, Entry>();
  const byHandle = new Map<string, Entry>();
  // Holds an entry once for each moment that it was given; only the last of them counts.
  const schedule = createTimedHeap<Entry>();
  const dead: string[] = [];
  let lastId = 0;
  const nowMs = () => clock.now().getTime();

  function hideUntil(entry: Entry, visibleAtMs: number): void {
    entry.visibleAtMs = visibleAtMs;
    schedule.push(visibleAtMs, entry);
  }

  function add(body: string, delaySeconds: number): void {
    const id = `message-${++lastId}`;
    const entry: Entry = { id, body, visibleAtMs: 0, sentAt: clock.now(), receiveCount: 0 };
    entries.set(id, entry);
    hideUntil(entry, nowMs() + (delaySeconds + latenessOf(delaySeconds)) * 1_000);
  }

  function next(): Entry | undefined {
    for (let top = schedule.peek(); top; top = schedule.peek()) {
      if (!top.value.deleted && top.value.visibleAtMs === top.atMs) return top.value;
      schedule.pop();
    }
    return undefined;
  }

  function remove(entry: Entry): void {
    entry.deleted = true;
    entries.delete(entry.id);
    if (entry.receiptHandle !== undefined) byHandle.delete(entry.receiptHandle);
  }

  function hand(entry: Entry): ReceivedMessage {
    if (entry.receiptHandle !== undefined) byHandle.delete(entry.receiptHandle);
    entry.receiveCount++;
    const receiptHandle = `${entry.id}/${entry.receiveCount}`;
    entry.receiptHandle = receiptHandle;
    byHandle.set(receiptHandle, entry);
    hideUntil(entry, nowMs() + visibilityTimeoutSeconds * 1_000);
    const { id: messageId, body, receiveCount, sentAt } = entry;
    return { messageId, receiptHandle, body, receiveCount, sentAt };
  }

  return {
    ...faulty,
    send: (message: QueueMessage, delaySeconds = 0) =>
      run("send", () => {
        checkRange("DelaySeconds", delaySeconds, 900);
        add(JSON.stringify(message), delaySeconds);
      }),
    changeVisibility: (receiptHandle, timeoutSeconds) =>
      run("changeVisibility", () => {
        checkRange("VisibilityTimeout", timeoutSeconds, 43_200);
        const entry = byHandle.get(receiptHandle);
        if (entry === undefined) throw new RefusedError("the receipt handle is not known");
        hideUntil(entry, nowMs() + timeoutSeconds * 1_000);
      }),
    receive(max = 10) {
      const received: ReceivedMessage[] = [];
      for (let entry = next(); entry && entry.visibleAtMs <= nowMs() && received.length < max; entry = next()) {
        schedule.pop();
        if (entry.receiveCount < maxReceiveCount) {
          received.push(hand(entry));
        } else {
          remove(entry);
          dead.push(entry.body);
        }
      }
      return received;
    },
    delete(receiptHandle) {
      const entry = byHandle.get(receiptHandle);
      if (entry) remove(entry);
    },
    duplicate(messageId) {
      const entry = entries.get(messageId);
      if (entry) add(entry.body, 0);
    },
    nextVisibleAt() {
      const entry = next();
      return entry && new Date(entry.visibleAtMs);
    },
    oldestAgeSeconds: () => oldestAgeSeconds(entries.values(), nowMs()),
    counts() {
      const hidden = [...entries.values()].filter(({ visibleAtMs }) => visibleAtMs > nowMs());
      return {
        visible: entries.size - hidden.length,
        delayed: hidden.filter(({ receiveCount }) => receiveCount === 0).length,
      };
    },
    bodies: () => [...entries.values()].map(({ body }) => body),
    deadLetters: () => [...dead],
  };
}

// Whether messages that are delayed count is not documented: here they do, which is the worse case.
function oldestAgeSeconds(entries: Iterable<Entry>, nowMs: number): number {
  const counted = [...entries].filter(({ receiveCount }) => receiveCount < 3);
  return counted.reduce((age, { sentAt }) => Math.max(age, (nowMs - sentAt.getTime()) / 1_000), 0);
}

function checkRange(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new RefusedError(`${name} must be a whole number from 0 to ${max}, not ${value}`);
}
