import { fencedBlocks } from "./fenced-blocks.ts";

export interface Statement {
  Sid: string;
  Effect: string;
  Action: string[];
  Resource: string | string[];
  Condition?: object;
}

export interface Policy {
  [member: string]: unknown;
  Version: string;
  Statement: Statement[];
}

export interface PolicyPlace {
  partition: string;
  region: string;
  account: string;
  /** The module's `name_prefix`. */
  prefix: string;
}

/** Those of the example that the document gives. */
const EXAMPLE: PolicyPlace = { partition: "aws", region: "eu-west-1", account: "123456789012", prefix: "gha-microvm" };

/** The policy of docs/USAGE.md for whoever applies, for a deployment elsewhere or of another name too. */
export function applyingPolicy(usage: string, place: PolicyPlace = EXAMPLE): Policy {
  return publishedPolicy(usage, "AskCloudControl", place);
}

/** The policy of a document that has the statement `sid`. */
export function publishedPolicy(document: string, sid: string, place: PolicyPlace = EXAMPLE): Policy {
  const [policy] = fencedBlocks(document, "json").filter((text) => text.includes(`"Sid": "${sid}"`));
  if (policy === undefined) throw new Error(`the document has no policy with the statement ${sid}`);
  return JSON.parse(
    policy
      .replaceAll(`arn:${EXAMPLE.partition}:`, `arn:${place.partition}:`)
      .replaceAll(EXAMPLE.region, place.region)
      .replaceAll(EXAMPLE.account, place.account)
      .replaceAll(EXAMPLE.prefix, place.prefix),
  );
}
