import * as v from "valibot";
import { TransientError } from "../errors.ts";
import type { ImageVersions } from "../ports.ts";
import { classifyMicrovmError, MICROVMS, timestamp } from "./lambda-microvms.ts";
import { anyAnswer, createRestRpc, pathSegment, type RestOperation, type Rpc } from "./transport/rpc.ts";
import type { SignedFetch } from "./transport/signed-fetch.ts";

/** The most that the service puts on a page. */
const PAGE_SIZE = 50;
/** 100,000 MicroVMs; a listing that does not end by then goes in circles. */
const MAX_PAGES = 2_000;

/** Versions of MicroVM images over the REST API of Lambda MicroVMs. */
export function createLambdaImageVersions(fetch: SignedFetch): ImageVersions {
  const rpc = createRestRpc(fetch, classifyMicrovmError);
  return {
    list: (imageArn) => readPages(rpc, { name: "ListMicrovmImageVersions", path: versionsOf(imageArn) }, versionItem),
    async inUse(imageArn) {
      const operation = { name: "ListMicrovms", path: MICROVMS, query: { imageIdentifier: imageArn } };
      const items = await readPages(rpc, operation, microvmItem);
      // The dead are listed for about a day; a state that is not known here is none of theirs.
      return new Set(items.filter(({ state }) => state !== "TERMINATED").map(({ imageVersion }) => imageVersion));
    },
    async delete(imageArn, version) {
      const path = `${versionsOf(imageArn)}/${pathSegment(version)}`;
      await rpc({
        operation: { name: "DeleteMicrovmImageVersion", method: "DELETE", path },
        answer: anyAnswer,
        what: `DeleteMicrovmImageVersion of ${version}`,
        errors: { ResourceNotFoundException: () => undefined },
      });
    },
  };
}

function versionsOf(imageArn: string): string {
  return `/2025-09-09/microvm-images/${pathSegment(imageArn)}/versions`;
}

const versionItem = v.pipe(
  v.object({
    imageVersion: v.pipe(v.string(), v.nonEmpty()),
    state: v.picklist(["PENDING", "IN_PROGRESS", "SUCCESSFUL", "FAILED", "DELETING", "DELETED", "DELETE_FAILED"]),
    status: v.picklist(["ACTIVE", "INACTIVE"]),
    createdAt: timestamp,
  }),
  v.transform(({ imageVersion, ...rest }) => ({ version: imageVersion, ...rest })),
);
const microvmItem = v.object({ state: v.string(), imageVersion: v.string() });

async function readPages<Item extends v.GenericSchema<unknown, unknown>>(
  rpc: Rpc<RestOperation>,
  { query = {}, ...operation }: Omit<RestOperation, "method">,
  item: Item,
): Promise<v.InferOutput<Item>[]> {
  const answer = v.object({ items: v.array(item), nextToken: v.nullish(v.string()) });
  const items: v.InferOutput<Item>[] = [];
  let nextToken: string | undefined;
  for (let page = 1; page <= MAX_PAGES; page++) {
    const found = await rpc({
      operation: {
        ...{ ...operation, method: "GET" },
        query: { ...query, maxResults: String(PAGE_SIZE), ...(nextToken ? { nextToken } : {}) },
      },
      answer,
      what: `${operation.name}, page ${page},`,
    });
    items.push(...found.items);
    if (!found.nextToken) return items;
    nextToken = found.nextToken;
  }
  throw new TransientError(`${operation.name} does not come to an end after ${MAX_PAGES} pages`);
}
