import { setTimeout as sleep } from "node:timers/promises";
import type { GetItemCommandInput, PutItemCommandInput } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { RefusedError, ThrottledError } from "../errors.ts";
import { awsCall } from "./aws-call.ts";
import { AwsError } from "./aws-error.ts";
import { classifyAwsError } from "./classify-aws-error.ts";
import { createJsonRpc } from "./json-rpc.ts";
import { readAnswer } from "./read-answer.ts";
import type { SignedFetch } from "./signed-fetch.ts";

/** One small value in the table that all workers share. */
export interface VersionedCell<T> {
  read(): Promise<T>;
  /**
   * Writes what `change` makes of the value, once, whoever else writes at the same time; `change` may run more than once.
   * Nothing is written when it returns the value that it was given. Returns the value as it is then.
   */
  update(change: (value: T) => T): Promise<T>;
}

/** Waits that many milliseconds. */
export type Sleep = (ms: number) => Promise<unknown>;

export interface VersionedCellOptions<T> {
  fetch: SignedFetch;
  tableName: string;
  /** The item's key. */
  id: string;
  schema: v.GenericSchema<unknown, T>;
  /** The value before the first write. */
  initial: T;
  random?: () => number;
  sleep?: Sleep | undefined;
}

const MAX_ATTEMPTS = 12;
const BASE_DELAY_MS = 10;
const MAX_DELAY_MS = 400;

const answer = v.object({
  Item: v.exactOptional(
    v.object({
      version: v.object({ N: v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number)) }),
      state: v.object({ S: v.pipe(v.string(), v.parseJson()) }),
    }),
  ),
});

/** A cell is an item whose `state` is a JSON string; each write is conditional on the `version` that was read. */
export function createVersionedCell<T>(options: VersionedCellOptions<T>): VersionedCell<T> {
  const { tableName, id } = options;
  const call = createJsonRpc(options.fetch, "DynamoDB_20120810", "1.0");

  async function readVersion(): Promise<{ version: number; value: T }> {
    const what = `reading item ${id}`;
    const input: GetItemCommandInput = { TableName: tableName, Key: { id: { S: id } }, ConsistentRead: true };
    const result = await awsCall(call("GetItem", input), (error) => classifyAwsError(error, what));
    const { Item } = readAnswer(answer, what, result);
    if (Item === undefined) return { version: 0, value: options.initial };
    const state = v.safeParse(options.schema, Item.state.S);
    if (state.success) return { version: Item.version.N, value: state.output };
    const field = v.getDotPath(state.issues[0]) ?? "(whole)";
    throw new RefusedError(`item ${id} of the jobs table is malformed at ${field}; delete it`, {
      details: { id, field },
    });
  }

  async function write(value: T, before: number): Promise<boolean> {
    const input: PutItemCommandInput = {
      TableName: tableName,
      Item: { id: { S: id }, version: { N: String(before + 1) }, state: { S: JSON.stringify(value) } },
      ...(before === 0
        ? { ConditionExpression: "attribute_not_exists(id)" }
        : {
            ConditionExpression: "#version = :before",
            ExpressionAttributeNames: { "#version": "version" },
            ExpressionAttributeValues: { ":before": { N: String(before) } },
          }),
    };
    try {
      await call("PutItem", input);
      return true;
    } catch (error: unknown) {
      if (!(error instanceof AwsError)) throw error;
      if (error.code === "ConditionalCheckFailedException") return false;
      throw classifyAwsError(error, `writing item ${id}`);
    }
  }

  return {
    read: async () => (await readVersion()).value,
    async update(change) {
      const { random = Math.random, sleep: pause = (ms: number) => sleep(ms) } = options;
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const { version, value } = await readVersion();
        const next = change(value);
        if (next === value || (await write(next, version))) return next;
        await pause(random() * Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** attempt));
      }
      throw new ThrottledError(`item ${id} is being written by too many at once`, { retryAfterSeconds: 1 });
    },
  };
}
