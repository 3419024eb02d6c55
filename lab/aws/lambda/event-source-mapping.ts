import { randomUUID } from "node:crypto";
import type { Account } from "../account.ts";
import type { EventLog } from "../event-log.ts";
import type { Iam } from "../iam/iam.ts";
import type { Functions } from "./functions.ts";
import { createMappingQueue } from "./mapping-queue.ts";
import { failedIds, type ReceivedMessage, sqsEvent } from "./sqs-event.ts";

export interface MappingConfig {
  functionName: string;
  queueArn: string;
  batchSize: number;
  maximumBatchingWindowSeconds: number;
  /** 2 to 1,000; absent: limited by the function only. */
  maximumConcurrency?: number;
  reportBatchItemFailures: boolean;
  enabled: boolean;
}

export interface EventSourceMapping {
  readonly uuid: string;
  config: MappingConfig;
  /** How the last poll ended, as the mapping shows it. */
  lastProcessingResult: string;
  stop(): Promise<void>;
}

export interface MappingDeps {
  account: Account;
  events: EventLog;
  iam: Iam;
  functions: Functions;
  endpoint(): string;
}

/** Lambda polls a queue with five pollers at first. */
const POLLERS = 5;
/** How long a mapping waits after a poll that was refused or a function that was throttled. */
const BACKOFF_MS = 200;

/** Polls a queue with the function's role and hands batches to the function. */
export function startEventSourceMapping(deps: MappingDeps, config: MappingConfig): EventSourceMapping {
  const stopping = new AbortController();
  const busy = new Set<Promise<void>>();
  const roleName = deps.functions.get(config.functionName)?.roleArn.split("/").at(-1) ?? "";
  const caller = deps.iam.issueCredentials(roleName, `awslambda_${config.functionName}`);
  const queue = createMappingQueue(deps, config.queueArn, caller, stopping.signal);
  const slots = config.maximumConcurrency ?? POLLERS;

  async function process(messages: ReceivedMessage[]): Promise<void> {
    const ids = messages.map((message) => message.MessageId);
    const result = await deps.functions.invoke(
      config.functionName,
      sqsEvent(messages, config.queueArn, deps.account.region),
    );
    const failed =
      result.kind !== "success" ? "all" : config.reportBatchItemFailures ? failedIds(result.payload, ids) : [];
    // What failed comes back when its visibility timeout ends.
    const done = failed === "all" ? [] : messages.filter((message) => !failed.includes(message.MessageId));
    deps.events.emit("mapping.processed", {
      function: config.functionName,
      messages: messages.length,
      failed: messages.length - done.length,
    });
    await queue.delete(done);
    if (result.kind === "throttled") await pause();
  }

  const pause = () => new Promise<void>((resolve) => void setTimeout(resolve, BACKOFF_MS));

  async function poll(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const messages = await queue.receive(config.batchSize, config.maximumBatchingWindowSeconds);
        mapping.lastProcessingResult = messages.length === 0 ? "No records processed" : "OK";
        if (messages.length === 0) continue;
        const work = process(messages).catch(report);
        busy.add(work);
        void work.finally(() => busy.delete(work));
        if (busy.size >= slots) await Promise.race(busy);
      } catch (error: unknown) {
        report(error);
        await pause();
      }
    }
    await Promise.all(busy);
  }

  function report(error: unknown): void {
    if (stopping.signal.aborted) return;
    const message = error instanceof Error ? error.message : String(error);
    if (mapping.lastProcessingResult !== `PROBLEM: ${message}`) {
      deps.events.emit("mapping.problem", { function: config.functionName, message });
    }
    mapping.lastProcessingResult = `PROBLEM: ${message}`;
  }

  const mapping: EventSourceMapping = {
    uuid: randomUUID(),
    config,
    lastProcessingResult: "No records processed",
    async stop() {
      stopping.abort();
      await polling;
      deps.iam.revoke(caller.accessKeyId);
    },
  };
  const polling = config.enabled ? queue.look().catch(report).then(poll) : Promise.resolve();
  return mapping;
}
