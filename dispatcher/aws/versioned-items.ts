import { isDeepStrictEqual } from "node:util";
import type { AttributeValue, GetItemCommandInput, PutItemCommandInput } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { anyAnswer, createDynamodbRpc } from "./transport/rpc.ts";
import type { SignedFetch } from "./transport/signed-fetch.ts";

/** An item of the jobs table, by its key `id`; its `version` counts how often it was written. */
export interface VersionedItem extends Record<string, AttributeValue> {
  id: AttributeValue.SMember;
  version: AttributeValue.NMember;
}

/**
 * The key of what is kept for each of several, such as `capacity#large`; `of` is undefined for the default's:
 * `capacity`.
 */
export function itemId(name: string, of: string | undefined): string {
  return of === undefined ? name : `${name}#${of}`;
}

/** Items that are written on the condition that nobody else has written them since they were read. */
export interface VersionedItems {
  /** Strongly consistent; undefined when there is none. */
  get(id: string, what: string): Promise<unknown>;
  /** Writes an item in place of the version before (1: of nothing); false when another writer was faster. */
  put(item: VersionedItem, what: string): Promise<boolean>;
}

const getAnswer = v.object({ Item: v.exactOptional(v.unknown()) });

/** Items of a table in DynamoDB whose partition key is `id`, a string. */
export function createVersionedItems(fetch: SignedFetch, tableName: string): VersionedItems {
  const rpc = createDynamodbRpc(fetch);

  async function get(id: string, what: string): Promise<unknown> {
    const input: GetItemCommandInput = { TableName: tableName, Key: { id: { S: id } }, ConsistentRead: true };
    return (await rpc({ operation: "GetItem", input, answer: getAnswer, what })).Item;
  }

  async function put(item: VersionedItem, what: string): Promise<boolean> {
    const input: PutItemCommandInput = { TableName: tableName, Item: item, ...conditionOf(item.version.N) };
    const outcome = await rpc({
      ...{ operation: "PutItem", input, answer: anyAnswer, what },
      errors: { ConditionalCheckFailedException: ({ mayHaveHappened }) => (mayHaveHappened ? UNSURE : TAKEN) },
    });
    // The faster writer may have been an attempt of our own whose answer was lost.
    return outcome === UNSURE ? isDeepStrictEqual(await get(item.id.S, what), item) : outcome !== TAKEN;
  }

  return { get, put };
}

const [UNSURE, TAKEN] = [Symbol("unsure"), Symbol("taken")];

function conditionOf(version: string): Partial<PutItemCommandInput> {
  if (version === "1") return { ConditionExpression: "attribute_not_exists(id)" };
  return {
    ConditionExpression: "#version = :before",
    ExpressionAttributeNames: { "#version": "version" },
    ExpressionAttributeValues: { ":before": { N: String(Number(version) - 1) } },
  };
}
