import type { GetItemCommandInput, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { NOBODY_WAITS, type PlacesQueue, placesQueue } from "../core/fair-places.ts";
import type { Capacity, Cell } from "../ports.ts";
import { anyAnswer, createDynamodbRpc } from "./transport/rpc.ts";
import type { SignedFetch } from "./transport/signed-fetch.ts";
import { createVersionedCell, type Sleep } from "./versioned-cell.ts";
import { itemId } from "./versioned-items.ts";

const FULL = Symbol("full");
const REPOSITORY = "repository#";

// DynamoDB keeps no empty set: with the last member the attribute goes too.
const answer = v.object({
  Item: v.exactOptional(v.record(v.string(), v.object({ SS: v.exactOptional(v.array(v.string())) }))),
});

/**
 * The places for MicroVMs, of all or of one class: in one item of the jobs table a string set of all launch ids and one
 * for each repository. The bounds are the condition of the very write that adds a member, so however many workers ask
 * at once, none has to try twice and none gets a place too many. An older release knows the set of all alone: a launch
 * id may be in one of the two sets only.
 */
export function createDynamodbCapacity(fetch: SignedFetch, tableName: string, runnerClass?: string): Capacity {
  const key = { id: { S: itemId("capacity", runnerClass) } };
  const rpc = createDynamodbRpc(fetch);
  return {
    async acquire({ launchId, repository }, { limit, each }) {
      if (limit < 1) return false;
      const bounds = [
        ...(Number.isFinite(limit) ? [{ set: "launchIds", name: ":limit", most: limit }] : []),
        ...(Number.isFinite(each) ? [{ set: "#repository", name: ":each", most: each }] : []),
      ];
      const input: UpdateItemCommandInput = {
        TableName: tableName,
        Key: key,
        UpdateExpression: "ADD launchIds :one, #repository :one",
        ...(bounds.length > 0 ? { ConditionExpression: `contains(launchIds, :id) OR ${within(bounds)}` } : {}),
        ExpressionAttributeNames: { "#repository": `${REPOSITORY}${repository}` },
        ExpressionAttributeValues: {
          ":one": { SS: [launchId] },
          ...(bounds.length > 0 ? { ":id": { S: launchId } } : {}),
          ...Object.fromEntries(bounds.map(({ name, most }) => [name, { N: String(most) }])),
        },
      };
      const outcome = await rpc({
        ...{ operation: "UpdateItem", input, answer: anyAnswer, what: `taking a place for ${launchId}` },
        errors: { ConditionalCheckFailedException: () => FULL },
      });
      return outcome !== FULL;
    },
    async release({ launchId, repository }) {
      const input: UpdateItemCommandInput = {
        TableName: tableName,
        Key: key,
        UpdateExpression: `DELETE launchIds :one${repository === undefined ? "" : ", #repository :one"}`,
        ...(repository === undefined
          ? {}
          : { ExpressionAttributeNames: { "#repository": `${REPOSITORY}${repository}` } }),
        ExpressionAttributeValues: { ":one": { SS: [launchId] } },
      };
      await rpc({ operation: "UpdateItem", input, answer: anyAnswer, what: `freeing the place of ${launchId}` });
    },
    async holders() {
      const input: GetItemCommandInput = { TableName: tableName, Key: key, ConsistentRead: true };
      const what = "reading the places taken";
      const item = (await rpc({ operation: "GetItem", input, answer, what })).Item ?? {};
      const repositories = Object.entries(item).flatMap(([name, { SS = [] }]) =>
        name.startsWith(REPOSITORY)
          ? SS.map((launchId) => ({ launchId, repository: name.slice(REPOSITORY.length) }))
          : [],
      );
      const known = new Set(repositories.map(({ launchId }) => launchId));
      const others = item.launchIds?.SS?.filter((launchId) => !known.has(launchId)) ?? [];
      return [...repositories, ...others.map((launchId) => ({ launchId }))];
    },
  };
}

// DynamoDB refuses parentheses that are not needed; AND binds closer than OR.
function within(bounds: readonly { set: string; name: string }[]): string {
  const each = bounds.map(({ set, name }) => `attribute_not_exists(${set}) OR size(${set}) < ${name}`);
  return each.length === 1 ? each.join("") : each.map((text) => `(${text})`).join(" AND ");
}

/** Who was refused a place: item `places`. */
export function createDynamodbPlacesQueue(
  fetch: SignedFetch,
  tableName: string,
  { runnerClass, sleep }: { runnerClass?: string | undefined; sleep?: Sleep } = {},
): Cell<PlacesQueue> {
  const id = itemId("places", runnerClass);
  return createVersionedCell<PlacesQueue>({ fetch, tableName, id, schema: placesQueue, initial: NOBODY_WAITS, sleep });
}
