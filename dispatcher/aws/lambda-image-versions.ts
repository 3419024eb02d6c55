import * as v from "valibot";
import { TransientError } from "../errors.ts";
import type { ImageVersions } from "../ports.ts";
import { awsCall } from "./aws-call.ts";
import { AwsError } from "./aws-error.ts";
import { classifyMicrovmError, MICROVMS, pathSegment, timestamp } from "./lambda-microvms.ts";
import { readAnswer } from "./read-answer.ts";
import type { SignedFetch } from "./signed-fetch.ts";

/** The most that the service puts on a page. */
const PAGE_SIZE = 50;
/** 100,000 MicroVMs; a listing that does not end by then goes in circles. */
const MAX_PAGES = 2_000;

/** Versions of MicroVM images over the REST API of Lambda MicroVMs. */
export function createLambdaImageVersions(fetch: SignedFetch): ImageVersions {
  return {
    list: (imageArn) =>
      readPages(fetch, "ListMicrovmImageVersions", versionsOf(imageArn), {}, (what, answer) =>
        readPage(versionItem, what, answer),
      ),
    async inUse(imageArn) {
      const query = { imageIdentifier: imageArn };
      const items = await readPages(fetch, "ListMicrovms", MICROVMS, query, (what, answer) =>
        readPage(microvmItem, what, answer),
      );
      // The dead are listed for about a day; a state that is not known here is none of theirs.
      return new Set(items.filter(({ state }) => state !== "TERMINATED").map(({ imageVersion }) => imageVersion));
    },
    async delete(imageArn, version) {
      const what = `DeleteMicrovmImageVersion of ${version}`;
      const path = `${versionsOf(imageArn)}/${pathSegment(version)}`;
      try {
        await fetch({ operation: "DeleteMicrovmImageVersion", method: "DELETE", path });
      } catch (error: unknown) {
        if (!(error instanceof AwsError)) throw error;
        if (error.code !== "ResourceNotFoundException") throw classifyMicrovmError(error, what);
      }
    },
  };
}

function versionsOf(imageArn: string): string {
  return `/2025-09-09/microvm-images/${pathSegment(imageArn)}/versions`;
}

interface Page<Item> {
  items: Item[];
  nextToken?: string | null | undefined;
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

function readPage<Schema extends v.GenericSchema<unknown, unknown>>(
  item: Schema,
  what: string,
  answer: unknown,
): Page<v.InferOutput<Schema>> {
  return readAnswer(v.object({ items: v.array(item), nextToken: v.nullish(v.string()) }), what, answer);
}

async function readPages<Item>(
  fetch: SignedFetch,
  operation: string,
  path: string,
  query: Readonly<Record<string, string>>,
  read: (what: string, answer: unknown) => Page<Item>,
): Promise<Item[]> {
  const items: Item[] = [];
  let nextToken: string | undefined;
  for (let page = 1; page <= MAX_PAGES; page++) {
    const parameters = { ...query, maxResults: String(PAGE_SIZE), ...(nextToken ? { nextToken } : {}) };
    const text = Object.entries(parameters).map(([name, value]) => `${name}=${pathSegment(value)}`);
    const call = fetch({ operation, method: "GET", path: `${path}?${text.join("&")}` });
    const answer = await awsCall(call, (error) => classifyMicrovmError(error, `${operation}, page ${page},`));
    const found = read(operation, answer);
    items.push(...found.items);
    if (!found.nextToken) return items;
    nextToken = found.nextToken;
  }
  throw new TransientError(`${operation} does not come to an end after ${MAX_PAGES} pages`);
}
