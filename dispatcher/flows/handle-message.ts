import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import * as v from "valibot";
import { ACCESS_REFUSED, logEvent } from "../../contract/events.ts";
import type { Logger } from "../../contract/log.ts";
import { type QueueMessage, queueMessage } from "../../contract/messages.ts";
import { backoffSeconds, deferSeconds } from "../core/backoff.ts";
import { parseLaunchId } from "../core/runner-name.ts";
import { AppRefusedError, DispatcherError, MalformedMessageError, ThrottledError } from "../errors.ts";
import type { DispatcherDeps, FlowContext, FlowResult, Outcome } from "./deps.ts";
import { finishJob } from "./finish-job.ts";
import { launchJob } from "./launch-job.ts";
import { noteStarted } from "./note-started.ts";
import { tellWaiting, waitingFor } from "./tell-waiting.ts";
import { watchJob } from "./watch-job.ts";

/** What one invocation knows of itself. */
export interface Invocation {
  requestId: string;
  /** When Lambda ends it. */
  deadline: Date;
}

/** How long a message waits after an error that says nothing of it. */
const DEFER_SECONDS = 5;

/**
 * Handles one batch of the jobs queue; the answer names the messages that are to come back. One that fails goes back on
 * its own; the others of its batch are done.
 */
export async function handleBatch(
  deps: DispatcherDeps,
  invocation: Invocation,
  event: SQSEvent,
): Promise<SQSBatchResponse> {
  const returns = await Promise.all(event.Records.map((record) => handleMessage(deps, invocation, record)));
  return {
    batchItemFailures: event.Records.filter((_, index) => returns[index]).map(({ messageId }) => ({
      itemIdentifier: messageId,
    })),
  };
}

/** Carries one message through its flow; returns whether it has to come back. */
export async function handleMessage(
  deps: DispatcherDeps,
  { requestId, deadline }: Invocation,
  record: SQSRecord,
): Promise<boolean> {
  const { messageId } = record;
  const receiveCount = Number(record.attributes.ApproximateReceiveCount);
  const log = deps.log.with({ messageId, requestId, receiveCount });
  const parsed = parseMessage(record.body);
  if (parsed instanceof MalformedMessageError) {
    return settle(deps, record, undefined, outcomeOf(parsed, log));
  }
  const message = { ...parsed, since: parsed.since ?? sinceOf(parsed, record, deps.clock.now()) };
  const context = {
    holder: `${requestId}/${messageId}`,
    deadline,
    retried: receiveCount > 1 || message.again === true,
    log: log.with(idsOf(message)),
  };
  const outcome = await route(deps, context, message).catch((error: unknown) => outcomeOf(error, context.log));
  const toldAt = tellWaiting(context.log, message, outcome, deps.clock.now());
  return settle(deps, record, { ...message, toldAt }, outcome);
}

// A copy says since when the first of them waits; a look that was planned waits from its moment on.
function sinceOf(message: QueueMessage, { attributes }: SQSRecord, now: Date): string {
  return message.type === "watch" ? message.due : new Date(Number(attributes.SentTimestamp) || now).toISOString();
}

function route(deps: DispatcherDeps, context: FlowContext, message: QueueMessage): Promise<FlowResult> {
  switch (message.type) {
    case "launch":
      return launchJob(deps, context, message);
    case "finish":
      return finishJob(deps, context, message);
    case "started":
      return noteStarted(deps, context, message);
    case "watch":
      return watchJob(deps, context, message);
  }
}

function outcomeOf(error: unknown, log: Logger): Outcome {
  const failure = error instanceof DispatcherError ? error : undefined;
  const waiting = waitingFor(error);
  if (error instanceof AppRefusedError) logEvent(log, ACCESS_REFUSED, { message: error.message });
  switch (failure?.disposition) {
    case "drop":
      log.error("message.dropped", waiting.fields);
      return { kind: "drop" };
    case "defer":
      return {
        kind: "again",
        seconds: (failure instanceof ThrottledError ? failure.retryAfterSeconds : undefined) ?? DEFER_SECONDS,
        ...waiting,
      };
    default:
      return { kind: "back", ...waiting };
  }
}

// Returns whether the message comes back.
async function settle(
  deps: DispatcherDeps,
  record: SQSRecord,
  message: QueueMessage | undefined,
  outcome: Outcome,
): Promise<boolean> {
  switch (outcome.kind) {
    case "done":
    case "drop":
      return false;
    case "again": {
      if (message === undefined) return true;
      const seconds = deferSeconds(outcome.seconds, outcome.exactly ? 0 : deps.random());
      // A fresh copy has used up none of its receives. Where it cannot be sent the message itself comes back.
      const isSent = deps.queue.send({ ...(outcome.message ?? message), again: true }, seconds).then(
        () => true,
        () => false,
      );
      return (await isSent) ? false : settle(deps, record, message, { kind: "back" });
    }
    case "back": {
      const receiveCount = Number(record.attributes.ApproximateReceiveCount);
      const seconds = backoffSeconds(receiveCount, deps.random());
      // Where that fails the queue's own visibility timeout brings it back later instead.
      await deps.queue.changeVisibility(record.receiptHandle, seconds).catch(() => undefined);
      return true;
    }
  }
}

function parseMessage(body: string): QueueMessage | MalformedMessageError {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), queueMessage), body);
  if (result.success) return result.output;
  return new MalformedMessageError("a queue message does not have the contract's shape", {
    details: { field: v.getDotPath(result.issues[0]) ?? "(whole)" },
  });
}

function idsOf(message: QueueMessage) {
  const { type, jobId } = message;
  switch (message.type) {
    case "launch":
      return { type, jobId, runId: message.runId, repo: message.repository, deliveryId: message.deliveryId };
    case "started":
      return { type, jobId, launchId: message.launchId };
    case "finish":
      return { type, jobId: jobId ?? jobIdOf(message.launchId), launchId: message.launchId, source: message.source };
    case "watch":
      return { type, jobId };
  }
}

function jobIdOf(launchId: string | undefined): number | undefined {
  return launchId === undefined ? undefined : parseLaunchId(launchId)?.jobId;
}
