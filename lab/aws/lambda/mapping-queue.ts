import { AwsClient } from "aws4fetch";
import type { Account } from "../account.ts";
import type { Caller } from "../iam/iam.ts";
import type { ReceivedMessage } from "./sqs-event.ts";

/** The queue of a mapping, as Lambda reaches it with the function's role. */
export interface MappingQueue {
  /** Throws unless the role may look at the queue. */
  look(): Promise<void>;
  /** Up to a batch of messages, after a long poll. */
  receive(batchSize: number, windowSeconds: number): Promise<ReceivedMessage[]>;
  delete(messages: readonly ReceivedMessage[]): Promise<void>;
}

/** One long poll; short, so that a mapping stops soon. */
const WAIT_SECONDS = 1;

export function createMappingQueue(
  { account, endpoint }: { account: Account; endpoint(): string },
  queueArn: string,
  caller: Caller,
  signal: AbortSignal,
): MappingQueue {
  const queueName = queueArn.split(":").at(-1) ?? "";
  const queueUrl = `https://sqs.${account.region}.amazonaws.com/${account.accountId}/${queueName}`;
  const client = new AwsClient({ ...caller, service: "sqs", region: account.region, retries: 0 });

  async function sqs(operation: string, body: Record<string, unknown>): Promise<Record<string, unknown>> {
    const response = await client.fetch(`${endpoint()}/`, {
      method: "POST",
      headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${operation}` },
      body: JSON.stringify({ QueueUrl: queueUrl, ...body }),
      signal,
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${operation}: ${text}`);
    const answer: unknown = JSON.parse(text || "{}");
    return typeof answer === "object" && answer !== null ? { ...answer } : {};
  }

  return {
    async look() {
      await sqs("GetQueueAttributes", { AttributeNames: ["All"] });
    },
    async receive(batchSize, windowSeconds) {
      const batch: ReceivedMessage[] = [];
      const deadline = Date.now() + windowSeconds * 1_000;
      do {
        const left = Math.min(10, batchSize - batch.length);
        const answer = await sqs("ReceiveMessage", {
          MaxNumberOfMessages: left,
          WaitTimeSeconds: WAIT_SECONDS,
          AttributeNames: ["All"],
          MessageAttributeNames: ["All"],
        });
        const messages = answer.Messages;
        if (Array.isArray(messages)) batch.push(...(messages as ReceivedMessage[])); // SQS's own answer
      } while (batch.length > 0 && batch.length < batchSize && Date.now() < deadline);
      return batch;
    },
    async delete(messages) {
      for (let start = 0; start < messages.length; start += 10) {
        await sqs("DeleteMessageBatch", {
          Entries: messages
            .slice(start, start + 10)
            .map((message, index) => ({ Id: String(index), ReceiptHandle: message.ReceiptHandle })),
        });
      }
    },
  };
}
