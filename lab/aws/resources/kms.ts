import { randomUUID } from "node:crypto";
import { ProviderError, type ResourceBehaviour } from "../../terraform/behaviour.ts";
import { regionalArn } from "../account.ts";
import type { Iam } from "../iam/iam.ts";
import { defaultKeyPolicy } from "../kms.ts";
import { text } from "./values.ts";

/** Customer managed keys. */
export function kmsResources(iam: Iam): Record<string, ResourceBehaviour> {
  return {
    aws_kms_key: {
      create(planned) {
        const id = randomUUID();
        const arn = regionalArn(iam.account, "kms", `key/${id}`);
        const policy = text(planned, "policy");
        iam.resourcePolicies.set(arn, policy === "" ? defaultKeyPolicy(iam.account) : JSON.parse(policy));
        return { id, key_id: id, arn, policy: JSON.stringify(iam.resourcePolicies.get(arn)) };
      },
      read: (state) => (iam.resourcePolicies.has(text(state, "arn")) ? {} : null),
      update(planned) {
        if (text(planned, "policy") === "") throw new ProviderError("MalformedPolicyDocumentException: no policy");
        iam.resourcePolicies.set(text(planned, "arn"), JSON.parse(text(planned, "policy")));
        return {};
      },
      delete: (state) => void iam.resourcePolicies.delete(text(state, "arn")),
    },
  };
}
