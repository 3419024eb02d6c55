import type { SQSRecord } from "aws-lambda";
import { handleBatch } from "../../dispatcher/flows/handle-message.ts";
import type { Invocation } from "./call-gate.ts";
import { depsOf } from "./dispatcher-deps.ts";
import type { Parts } from "./parts.ts";
import type { ReceivedMessage } from "./services/memory-queue.ts";

const BATCH = 5;
/** The default of `dispatcher_timeout`. */
export const TIMEOUT_SECONDS = 30;
/** How often a mapping that is disabled is looked at. */
const POLL_SECONDS = 60;
/** Six times the function's timeout, as Lambda asks of an event source's queue. */
export const VISIBILITY_SECONDS = 6 * TIMEOUT_SECONDS;

/** The event source mapping: up to so many batches at once, polled whenever something may have become visible. */
export function createEventSource(parts: Parts): { wake(): void } {
  const { time, queue, lambda, tally, gate } = parts;
  const workers = parts.options.workers ?? 10;
  const { observer } = parts.options;
  let running = 0;
  let asleep = false;
  let wakeAt = Number.POSITIVE_INFINITY;
  let invocations = 0;

  function poll(): void {
    const obstacle = parts.options.mapping?.(time.now());
    if (obstacle === "disabled") {
      if (!asleep) time.after(POLL_SECONDS, awake);
      asleep = true;
      return;
    }
    while (running < workers) {
      const messages = queue.receive(BATCH);
      if (messages.length === 0) break;
      if (obstacle !== undefined) {
        observer?.invoked("dispatcher", time.now(), obstacle === "failing" ? "failed" : "throttled");
        continue;
      }
      if (!lambda.start()) {
        observer?.invoked("dispatcher", time.now(), "throttled");
        // The messages stay hidden until their visibility timeout has passed, and the receive counts.
        tally.note("function throttled");
        gate.excuseUntil(new Date(time.now().getTime() + VISIBILITY_SECONDS * 1_000));
        continue;
      }
      running++;
      void invoke(messages).then(() => {
        running--;
        lambda.end();
        wake();
      });
    }
    wake();
  }

  function awake(): void {
    asleep = false;
    wake();
  }

  function wake(): void {
    const next = queue.nextVisibleAt();
    if (next === undefined || running >= workers) return;
    const at = Math.max(next.getTime(), time.now().getTime());
    if (at >= wakeAt) return;
    wakeAt = at;
    time.after((at - time.now().getTime()) / 1_000, () => {
      if (wakeAt === at) wakeAt = Number.POSITIVE_INFINITY;
      poll();
    });
  }

  function invoke(messages: ReceivedMessage[]): Promise<void> {
    return new Promise((resolve) => {
      const requestId = `request-${++invocations}`;
      const invocation: Invocation = {
        dead: false,
        kill: () => {
          invocation.dead = true;
          observer?.invoked("dispatcher", time.now(), "failed");
          resolve();
        },
        duplicate: () => {
          for (const message of messages) queue.duplicate(message.messageId);
        },
      };
      const clock = lambda.clock();
      const deadline = new Date(clock.now().getTime() + TIMEOUT_SECONDS * 1_000);
      time.after(TIMEOUT_SECONDS, () => {
        if (!invocation.dead) invocation.kill();
      });
      const event = { Records: messages.map(recordOf) };
      void handleBatch(depsOf(parts, invocation, clock), { requestId, deadline }, event).then((response) => {
        if (invocation.dead) return;
        invocation.dead = true;
        observer?.invoked("dispatcher", time.now(), "ended");
        const back = new Set(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
        for (const message of messages) if (!back.has(message.messageId)) queue.delete(message.receiptHandle);
        resolve();
      });
    });
  }

  return { wake };
}

function recordOf(message: ReceivedMessage): SQSRecord {
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      SentTimestamp: String(message.sentAt.getTime()),
      SenderId: "lab",
      ApproximateFirstReceiveTimestamp: String(message.sentAt.getTime()),
    },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:eu-west-1:123456789012:gha-jobs",
    awsRegion: "eu-west-1",
  };
}
