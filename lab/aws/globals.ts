import type { Account } from "./account.ts";
import type { LabClock } from "./clock.ts";
import { createIam, type Iam } from "./iam/iam.ts";

/** What is one for all Regions of an account. */
export interface AccountGlobals {
  readonly iam: Iam;
  /** The Region of each bucket, by the bucket's name: one is taken in every Region (S3 guide, bucket naming rules). */
  readonly buckets: Map<string, string>;
}

/** The globals of an account in which there is nothing yet. */
export function createGlobals(account: Account, clock: LabClock, policySettleMs?: number): AccountGlobals {
  return { iam: createIam(account, clock, policySettleMs), buckets: new Map() };
}
