import type { Account } from "../account.ts";
import type { AccountGlobals } from "../globals.ts";
import type { Iam } from "../iam/iam.ts";
import type { Kms } from "../kms.ts";
import type { Emulators } from "../storage/emulators.ts";
import type { Objects } from "../storage/objects.ts";

/** What Terraform's buckets, objects and tables work on. */
export interface StorageDeps {
  account: Account;
  emulators: Emulators;
  objects: Objects;
  iam: Iam;
  kms: Kms;
  buckets: AccountGlobals["buckets"];
  /** Folder that Terraform runs in: paths of files are relative to it. */
  workingDirectory(): string;
}
