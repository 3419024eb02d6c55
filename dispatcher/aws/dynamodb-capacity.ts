import type { GetItemCommandInput, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import type { Capacity } from "../ports.ts";
import { awsCall } from "./aws-call.ts";
import { AwsError } from "./aws-error.ts";
import { classifyAwsError } from "./classify-aws-error.ts";
import { createJsonRpc } from "./json-rpc.ts";
import { readAnswer } from "./read-answer.ts";
import type { SignedFetch } from "./signed-fetch.ts";

const KEY = { id: { S: "capacity" } };

// DynamoDB keeps no empty set: with the last member the attribute goes too.
const answer = v.object({
  Item: v.exactOptional(v.object({ launchIds: v.exactOptional(v.object({ SS: v.array(v.string()) })) })),
});

/**
 * The places for MicroVMs: a string set in one item of the jobs table. The bound is the condition of the very write that
 * adds a member, so however many workers ask at once, none has to try twice and none gets a place too many.
 */
export function createDynamodbCapacity(fetch: SignedFetch, tableName: string): Capacity {
  const call = createJsonRpc(fetch, "DynamoDB_20120810", "1.0");
  return {
    async acquire(launchId, limit) {
      if (limit < 1) return false;
      const input: UpdateItemCommandInput = {
        TableName: tableName,
        Key: KEY,
        UpdateExpression: "ADD launchIds :one",
        ConditionExpression: "attribute_not_exists(launchIds) OR size(launchIds) < :limit OR contains(launchIds, :id)",
        ExpressionAttributeValues: {
          ":one": { SS: [launchId] },
          ":id": { S: launchId },
          ":limit": { N: String(limit) },
        },
      };
      try {
        await call("UpdateItem", input);
        return true;
      } catch (error: unknown) {
        if (!(error instanceof AwsError)) throw error;
        if (error.code === "ConditionalCheckFailedException") return false;
        throw classifyAwsError(error, `taking a place for ${launchId}`);
      }
    },
    async release(launchId) {
      const input: UpdateItemCommandInput = {
        TableName: tableName,
        Key: KEY,
        UpdateExpression: "DELETE launchIds :one",
        ExpressionAttributeValues: { ":one": { SS: [launchId] } },
      };
      await awsCall(call("UpdateItem", input), (error) => classifyAwsError(error, `freeing the place of ${launchId}`));
    },
    async holders() {
      const input: GetItemCommandInput = { TableName: tableName, Key: KEY, ConsistentRead: true };
      const what = "reading the places taken";
      const result = await awsCall(call("GetItem", input), (error) => classifyAwsError(error, what));
      return readAnswer(answer, what, result).Item?.launchIds?.SS ?? [];
    },
  };
}
