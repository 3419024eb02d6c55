import type { ChangeMessageVisibilityCommandInput, SendMessageCommandInput } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import type { Queue } from "../ports.ts";
import { anyAnswer, createJsonRpc } from "./transport/rpc.ts";
import type { SignedFetch } from "./transport/signed-fetch.ts";

/** The id says that the message is in the queue: an answer without one may come from anybody. */
const sent = v.object({ MessageId: v.pipe(v.string(), v.nonEmpty()) });

/** The jobs queue in SQS. A message may arrive twice, from SQS itself or because a send was repeated. */
export function createSqsQueue(fetch: SignedFetch, queueUrl: string): Queue {
  const rpc = createJsonRpc(fetch, "AmazonSQS", "1.0");
  return {
    async send(message, delaySeconds = 0) {
      const input: SendMessageCommandInput = { QueueUrl: queueUrl, MessageBody: JSON.stringify(message) };
      if (delaySeconds > 0) input.DelaySeconds = delaySeconds;
      await rpc({ operation: "SendMessage", input, answer: sent, what: "sending to the jobs queue" });
    },
    async changeVisibility(receiptHandle, timeoutSeconds) {
      const input = {
        QueueUrl: queueUrl,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: timeoutSeconds,
      } satisfies ChangeMessageVisibilityCommandInput;
      const what = "changing a message's visibility";
      await rpc({ operation: "ChangeMessageVisibility", input, answer: anyAnswer, what });
    },
  };
}
