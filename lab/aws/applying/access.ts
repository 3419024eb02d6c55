import type { Values } from "../../terraform/behaviour.ts";
import type { Account } from "../account.ts";

/** One thing that whoever applies has to be allowed. */
export interface Access {
  action: string;
  /** ARN, or `*` where the action knows no resources. */
  resource: string;
  context?: Record<string, string>;
}

/** What a provider asks of AWS for one resource: what each call needs, in the order of the calls. */
export interface TypeAccess {
  create(planned: Values): Access[];
  read(state: Values): Access[];
  update?(planned: Values, prior: Values): Access[];
  delete?(state: Values): Access[];
}

/** Where the calls go, as ARNs are made of. */
export type Place = Account;

/** Accesses of one service to one resource. */
export function on(service: string, resource: string, ...names: string[]): Access[] {
  return names.map((name) => ({ action: `${service}:${name}`, resource }));
}

/**
 * What DynamoDB asks of whoever chooses a key for a table: "at a minimum" (DynamoDB guide, encryption at rest, key
 * policy for a customer managed key).
 */
const TABLE_KEY_ACTIONS = [
  ...["Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"],
  ...["DescribeKey", "CreateGrant"],
];

/** Uses of a customer's key; none where there is none. */
export function useKey(keyArn: string, ...names: string[]): Access[] {
  return keyArn === "" || keyArn.startsWith("alias/aws/") ? [] : on("kms", keyArn, ...names);
}

export const chooseTableKey = (keyArn: string): Access[] => useKey(keyArn, ...TABLE_KEY_ACTIONS);

/** Handing a role to a service; `undefined` where the caller does not say to which. */
export function passRole(roleArn: string, service: string | undefined): Access {
  return {
    action: "iam:PassRole",
    resource: roleArn,
    ...(service === undefined ? {} : { context: { "iam:PassedToService": service } }),
  };
}

/** Whether the tags that reach the service changed. */
export function tagsChanged(planned: Values, prior: Values): boolean {
  return JSON.stringify(planned.tags_all ?? planned.tags) !== JSON.stringify(prior.tags_all ?? prior.tags);
}

/** Whether any of these arguments changed. */
export function changed(planned: Values, prior: Values, ...names: string[]): boolean {
  return names.some((name) => JSON.stringify(planned[name]) !== JSON.stringify(prior[name]));
}
