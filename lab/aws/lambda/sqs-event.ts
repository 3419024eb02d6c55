/** A message as ReceiveMessage of SQS's JSON protocol answers it. */
export interface ReceivedMessage {
  MessageId: string;
  ReceiptHandle: string;
  Body: string;
  MD5OfBody: string;
  Attributes?: Record<string, string>;
  MessageAttributes?: Record<string, { DataType: string; StringValue?: string; BinaryValue?: string }>;
}

/** The event that an event source mapping makes of a batch. */
export function sqsEvent(messages: ReceivedMessage[], queueArn: string, region: string): Record<string, unknown> {
  return {
    Records: messages.map((message) => ({
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      attributes: message.Attributes ?? {},
      messageAttributes: Object.fromEntries(
        Object.entries(message.MessageAttributes ?? {}).map(([name, attribute]) => [
          name,
          {
            stringValue: attribute.StringValue,
            binaryValue: attribute.BinaryValue,
            dataType: attribute.DataType,
            stringListValues: [],
            binaryListValues: [],
          },
        ]),
      ),
      md5OfBody: message.MD5OfBody,
      eventSource: "aws:sqs",
      eventSourceARN: queueArn,
      awsRegion: region,
    })),
  };
}

/**
 * Ids of the messages that a function says it failed on; "all" when its answer is malformed, because then the whole
 * batch counts as failed (Lambda guide, reporting batch item failures).
 */
export function failedIds(payload: string, batch: readonly string[]): "all" | string[] {
  let answer: unknown;
  try {
    answer = JSON.parse(payload);
  } catch {
    return "all";
  }
  if (answer === null) return [];
  if (typeof answer !== "object") return "all";
  const { batchItemFailures: failures }: { batchItemFailures?: unknown } = answer;
  if (failures === undefined || failures === null)
    return Object.keys(answer).length === 0 || failures === null ? [] : "all";
  if (!Array.isArray(failures)) return "all";
  const ids: string[] = [];
  for (const failure of failures) {
    const id: unknown = failure?.itemIdentifier;
    if (typeof id !== "string" || !batch.includes(id)) return "all";
    ids.push(id);
  }
  return ids;
}
