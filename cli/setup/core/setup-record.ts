import * as v from "valibot";
import { nonEmpty } from "../../../contract/values.ts";
import type { Wish } from "./wish.ts";

/** Where the App's private key is kept. */
export type KeyKind = "ssm" | "secretsmanager" | "kms" | "file";

/** What set-up keeps in the account, as JSON in an SSM parameter: nothing of it is secret. */
export const setupRecord = v.object({
  version: v.literal(1),
  /** Of GitHub's pages. */
  github: nonEmpty,
  owner: nonEmpty,
  ownerType: v.picklist(["Organization", "User"]),
  repositories: v.array(v.string()),
  webhook: v.picklist(["organization", "repository", "app"]),
  runnerGroupId: v.optional(v.number()),
  key: v.picklist(["ssm", "secretsmanager", "kms", "file"]),
  /** ARN of the key's place, or the path of its file. */
  keyAt: v.optional(nonEmpty),
  appId: v.optional(nonEmpty),
  slug: v.optional(nonEmpty),
  /** The App's public page. */
  appUrl: v.optional(nonEmpty),
  ownerId: v.optional(v.number()),
  installationId: v.optional(nonEmpty),
});

export type SetupRecord = v.InferOutput<typeof setupRecord>;

/** The record's parameter. */
export function recordName(prefix: string): string {
  return `/${prefix}/setup`;
}

/** The key's parameter, and the name of its secret in Secrets Manager without the slash. */
export function keyName(prefix: string): string {
  return `/${prefix}/github-app-key`;
}

export function wishOf({ owner, ownerType, repositories, webhook, runnerGroupId }: SetupRecord): Wish {
  return { owner, ownerType, repositories, webhook, runnerGroupId };
}

/** The key's place as `--key` names it. */
export function keyWord({ key, keyAt }: Pick<SetupRecord, "key" | "keyAt">): string {
  return key === "file" ? `file:${keyAt}` : key;
}
