import type { GetItemCommandInput, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import type { Capacity } from "../ports.ts";
import { anyAnswer, createDynamodbRpc } from "./transport/rpc.ts";
import type { SignedFetch } from "./transport/signed-fetch.ts";

const FULL = Symbol("full");
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
  const rpc = createDynamodbRpc(fetch);
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
      const outcome = await rpc({
        ...{ operation: "UpdateItem", input, answer: anyAnswer, what: `taking a place for ${launchId}` },
        errors: { ConditionalCheckFailedException: () => FULL },
      });
      return outcome !== FULL;
    },
    async release(launchId) {
      const input: UpdateItemCommandInput = {
        TableName: tableName,
        Key: KEY,
        UpdateExpression: "DELETE launchIds :one",
        ExpressionAttributeValues: { ":one": { SS: [launchId] } },
      };
      await rpc({ operation: "UpdateItem", input, answer: anyAnswer, what: `freeing the place of ${launchId}` });
    },
    async holders() {
      const input: GetItemCommandInput = { TableName: tableName, Key: KEY, ConsistentRead: true };
      const what = "reading the places taken";
      return (await rpc({ operation: "GetItem", input, answer, what })).Item?.launchIds?.SS ?? [];
    },
  };
}
