import type { ChangeMessageVisibilityCommandInput, SendMessageCommandInput } from "@aws-sdk/client-sqs";
import type { Queue } from "../ports.ts";
import { awsCall } from "./aws-call.ts";
import { classifyAwsError } from "./classify-aws-error.ts";
import { createJsonRpc } from "./json-rpc.ts";
import type { SignedFetch } from "./signed-fetch.ts";

/** The jobs queue in SQS. A message may arrive twice, from SQS itself or because a send was repeated. */
export function createSqsQueue(fetch: SignedFetch, queueUrl: string): Queue {
  const call = createJsonRpc(fetch, "AmazonSQS", "1.0");
  return {
    async send(message, delaySeconds = 0) {
      const input: SendMessageCommandInput = { QueueUrl: queueUrl, MessageBody: JSON.stringify(message) };
      if (delaySeconds > 0) input.DelaySeconds = delaySeconds;
      await awsCall(call("SendMessage", input), (error) => classifyAwsError(error, "sending to the jobs queue"));
    },
    async changeVisibility(receiptHandle, timeoutSeconds) {
      const input = {
        QueueUrl: queueUrl,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: timeoutSeconds,
      } satisfies ChangeMessageVisibilityCommandInput;
      await awsCall(call("ChangeMessageVisibility", input), (error) =>
        classifyAwsError(error, "changing a message's visibility"),
      );
    },
  };
}
