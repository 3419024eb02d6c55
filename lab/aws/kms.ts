import { type Account, iamArn } from "./account.ts";
import { AwsError } from "./aws-error.ts";
import type { AccessRequest, Iam } from "./iam/iam.ts";
import type { PolicyDocument } from "./iam/role-store.ts";

/** A service that uses keys on behalf of its callers, as `kms:ViaService` names it. */
export type KeyService = "dynamodb" | "logs" | "s3" | "sqs" | "ssm";

export interface KeyUse {
  service: KeyService;
  /** ARN of what is encrypted. */
  resource: string;
  actions: readonly string[];
  encryptionContext?: Record<string, string>;
}

export interface Kms {
  /**
   * ARN of the customer's key, by ARN of the resource that is encrypted with it; others have a key of their service's
   * own.
   */
  readonly keyOf: Map<string, string>;
  /** Has a caller authorised as the service does that uses the key for it; throws what KMS answers. */
  authorizeUse(use: KeyUse, authorize: (request: AccessRequest) => Promise<void>): Promise<void>;
  /** Whether the key's policy lets the service itself use the key for a resource. */
  serviceMayUse(
    service: KeyService,
    keyArn: string,
    actions: readonly string[],
    context: Record<string, string>,
  ): Promise<boolean>;
}

/**
 * The policy that a key has when it is made without one (KMS guide, default key policy): IAM of the account decides.
 */
export function defaultKeyPolicy(account: Account): PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: iamArn(account, "root") }, Action: "kms:*", Resource: "*" }],
  };
}

/** KMS: who may use customers' keys. Nothing is encrypted, because nothing of the lab is at rest. */
export function createKms(account: Account, iam: Iam): Kms {
  const keyOf = new Map<string, string>();
  const policyOf = (keyArn: string) => iam.resourcePolicies.get(keyArn) ?? defaultKeyPolicy(account);
  const encryption = (context: Record<string, string>) =>
    Object.fromEntries(Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]));

  return {
    keyOf,
    async authorizeUse({ service, resource, actions, encryptionContext = {} }, authorize) {
      const key = keyOf.get(resource);
      if (key === undefined) return;
      for (const action of actions) {
        await authorize({
          action,
          resource: key,
          resourcePolicy: policyOf(key),
          context: {
            "kms:ViaService": `${service}.${account.region}.amazonaws.com`,
            "kms:CallerAccount": account.accountId,
            // DescribeKey has no encryption context.
            ...(action === "kms:DescribeKey" ? {} : encryption(encryptionContext)),
          },
        });
      }
    },
    async serviceMayUse(service, keyArn, actions, context) {
      const principal = `${service}.${account.region}.amazonaws.com`;
      for (const action of actions) {
        const request = { action, resource: keyArn, resourcePolicy: policyOf(keyArn), context: encryption(context) };
        if (!(await iam.serviceMay(principal, request))) return false;
      }
      return true;
    },
  };
}

/** The refusal of KMS in the words of the service that asked it. */
export async function inWordsOf(reword: (message: string) => AwsError, use: () => Promise<void>): Promise<void> {
  try {
    await use();
  } catch (error: unknown) {
    if (error instanceof AwsError && error.code === "AccessDeniedException") throw reword(error.message);
    throw error;
  }
}
