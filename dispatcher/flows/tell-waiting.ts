import { logEvent, MESSAGE_WAITING, type WaitReason } from "../../contract/events.ts";
import type { LogFields, Logger } from "../../contract/log.ts";
import type { QueueMessage } from "../../contract/messages.ts";
import { DispatcherError, NotFoundError, RecordChangedError, RefusedError, ThrottledError } from "../errors.ts";
import type { Outcome, Waiting } from "./deps.ts";

/** How often it is said that a message waits: once in each period of five minutes, which is what alarms look at. */
const TELL_MS = 240_000;

/** Logs that a message waits, and why, unless that was told a moment ago. Returns when it was last told. */
export function tellWaiting(
  log: Logger,
  { type, since, toldAt }: Pick<QueueMessage, "type" | "since" | "toldAt">,
  outcome: { kind: Outcome["kind"] } & Waiting,
  now: Date,
): string | undefined {
  if (outcome.kind !== "again" && outcome.kind !== "back") return toldAt;
  const { reason = "busy", fields } = outcome;
  const ageMs = Math.max(0, msSince(since, now));
  // Another worker at it is news only where that lasts.
  if (msSince(toldAt, now) < TELL_MS || (reason === "busy" && ageMs < TELL_MS)) return toldAt;
  logEvent(log, MESSAGE_WAITING, { type, reason, ageSeconds: Math.round(ageMs / 1_000) }, fields);
  return now.toISOString();
}

function msSince(moment: string | undefined, now: Date): number {
  return now.getTime() - new Date(moment ?? 0).getTime();
}

/** Why a message waits whose handling failed so, with what the log is to say of the error. */
export function waitingFor(error: unknown): { reason: WaitReason; fields: LogFields } {
  return { reason: reasonOf(error), fields: fieldsOf(error) };
}

function reasonOf(error: unknown): WaitReason {
  if (error instanceof ThrottledError) return error.reason;
  if (error instanceof RecordChangedError) return "busy";
  return error instanceof RefusedError || error instanceof NotFoundError ? "denied" : "unavailable";
}

function fieldsOf(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: "unknown", message: "something that is no error was thrown" };
  return { error: error.name, message: error.message, ...(error instanceof DispatcherError ? error.details : {}) };
}
