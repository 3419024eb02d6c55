import type { GetItemCommandInput, PutItemCommandInput } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import type { JobRecord } from "../core/job.ts";
import type { JobStore } from "../ports.ts";
import { awsCall } from "./aws-call.ts";
import { AwsError } from "./aws-error.ts";
import { classifyAwsError } from "./classify-aws-error.ts";
import { isItemOf, jobKey, readJobItem, toJobItem } from "./job-item.ts";
import { createJsonRpc } from "./json-rpc.ts";
import { readAnswer } from "./read-answer.ts";
import type { SignedFetch } from "./signed-fetch.ts";

const getAnswer = v.object({ Item: v.exactOptional(v.unknown()) });

/** The jobs table in DynamoDB: partition key `id` (string), number `version`, number `expiresAt` as its time-to-live. */
export function createDynamodbJobStore(fetch: SignedFetch, tableName: string): JobStore {
  const call = createJsonRpc(fetch, "DynamoDB_20120810", "1.0");

  async function getItem(jobId: number): Promise<unknown> {
    const what = `reading job ${jobId}`;
    const input: GetItemCommandInput = { TableName: tableName, Key: { ...jobKey(jobId) }, ConsistentRead: true };
    const answer = await awsCall(call("GetItem", input), (error) => classifyAwsError(error, what));
    return readAnswer(getAnswer, what, answer).Item;
  }

  async function get(jobId: number): Promise<JobRecord | undefined> {
    const item = await getItem(jobId);
    return item === undefined ? undefined : readJobItem(jobId, item);
  }

  async function put(record: JobRecord): Promise<boolean> {
    const input: PutItemCommandInput = { TableName: tableName, Item: { ...toJobItem(record) }, ...condition(record) };
    try {
      await call("PutItem", input);
      return true;
    } catch (error: unknown) {
      if (!(error instanceof AwsError)) throw error;
      if (error.code !== "ConditionalCheckFailedException")
        throw classifyAwsError(error, `writing job ${record.jobId}`);
      // The faster writer may have been an attempt of our own whose answer was lost.
      return error.mayHaveHappened && isItemOf(record, await getItem(record.jobId));
    }
  }

  return { get, put };
}

function condition(record: JobRecord): Partial<PutItemCommandInput> {
  if (record.version === 1) return { ConditionExpression: "attribute_not_exists(id)" };
  return {
    ConditionExpression: "#version = :before",
    ExpressionAttributeNames: { "#version": "version" },
    ExpressionAttributeValues: { ":before": { N: String(record.version - 1) } },
  };
}
