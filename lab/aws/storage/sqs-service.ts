import { type Account, regionalArn } from "../account.ts";
import { AwsError } from "../aws-error.ts";
import type { EventLog } from "../event-log.ts";
import { forward } from "../gateway/forward.ts";
import { jsonBody, type Service, stringMember } from "../gateway/service.ts";
import { inWordsOf, type Kms } from "../kms.ts";
import { EMULATOR_ACCOUNT } from "./emulators.ts";
import type { Queues } from "./queues.ts";

/** Batch operations have no action of their own in IAM. */
const ACTION_OF: Record<string, string> = {
  SendMessage: "sqs:SendMessage",
  SendMessageBatch: "sqs:SendMessage",
  ReceiveMessage: "sqs:ReceiveMessage",
  DeleteMessage: "sqs:DeleteMessage",
  DeleteMessageBatch: "sqs:DeleteMessage",
  ChangeMessageVisibility: "sqs:ChangeMessageVisibility",
  ChangeMessageVisibilityBatch: "sqs:ChangeMessageVisibility",
  GetQueueAttributes: "sqs:GetQueueAttributes",
  GetQueueUrl: "sqs:GetQueueUrl",
  PurgeQueue: "sqs:PurgeQueue",
};

/**
 * What a call has done with the queue's key (SQS guide, key management: producers need kms:GenerateDataKey and
 * kms:Decrypt, consumers kms:Decrypt). SQS keeps a data key for five minutes; here each call needs it anew.
 */
const KEY_ACTIONS_OF: Record<string, readonly string[]> = {
  "sqs:SendMessage": ["kms:GenerateDataKey", "kms:Decrypt"],
  "sqs:ReceiveMessage": ["kms:Decrypt"],
};

/** How many times as fast as in AWS time passes for messages; 1 by default. */
export interface QueueSpeeds {
  /** Delays of messages that are sent. */
  delaySpeed?: number;
  /** Visibility timeouts of messages that are received. */
  visibilitySpeed?: number;
}

/** SQS: authorised here, carried out by fauxqs. */
export function createSqsService(
  account: Account,
  {
    address,
    events,
    kms,
    queues,
  }: { address: string; events: EventLog; kms: Kms; queues: Pick<Queues, "visibilityTimeoutSeconds"> },
  { delaySpeed = 1, visibilitySpeed = 1 }: QueueSpeeds = {},
): Service {
  function hurried(operation: string, name: string, body: Record<string, unknown>): Record<string, unknown> {
    const { DelaySeconds, VisibilityTimeout } = body;
    if (operation === "SendMessage" && DelaySeconds !== undefined) {
      return { ...body, DelaySeconds: Math.ceil(Number(DelaySeconds) / delaySpeed) };
    }
    if (operation === "ReceiveMessage" && visibilitySpeed !== 1) {
      const seconds = Number(VisibilityTimeout ?? queues.visibilityTimeoutSeconds(name));
      return { ...body, VisibilityTimeout: Math.ceil(seconds / visibilitySpeed) };
    }
    if (operation === "ChangeMessageVisibility" && VisibilityTimeout !== undefined) {
      return { ...body, VisibilityTimeout: Math.ceil(Number(VisibilityTimeout) / visibilitySpeed) };
    }
    return body;
  }

  return {
    protocol: "query-json",
    operationOf(request) {
      const operation = (request.headers["x-amz-target"] ?? "").replace(/^AmazonSQS\./, "");
      if (ACTION_OF[operation] === undefined) {
        throw new AwsError("InvalidAction", 400, `the lab's SQS has no operation '${operation}'`);
      }
      return operation;
    },
    async perform(request, { operation, authorize }) {
      const body = jsonBody(request);
      const url = stringMember(body, "QueueUrl");
      const name = stringMember(body, "QueueName") || (url.split("/").at(-1) ?? "");
      const action = ACTION_OF[operation] ?? "";
      const resource = regionalArn(account, "sqs", name);
      await authorize({ action, resource });
      await inWordsOf(
        (message) => new AwsError("KmsAccessDenied", 400, message),
        () =>
          kms.authorizeUse(
            {
              service: "sqs",
              resource,
              actions: KEY_ACTIONS_OF[action] ?? [],
              encryptionContext: { "aws:sqs:arn": resource },
            },
            authorize,
          ),
      );
      const delaySeconds = Number(body.DelaySeconds ?? 0);
      const sent = hurried(operation, name, body);
      const reply = await forward(address, {
        ...request,
        target: "/",
        ...(sent === body ? {} : { body: Buffer.from(JSON.stringify(sent)) }),
      });
      if (operation === "SendMessage" && reply.status === 200) {
        events.emit("sqs.sent", { queue: name, delaySeconds });
      }
      const text = reply.body.toString("utf8").replaceAll(EMULATOR_ACCOUNT, account.accountId);
      return { ...reply, body: Buffer.from(text) };
    },
  };
}
