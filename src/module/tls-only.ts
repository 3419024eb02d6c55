import { DataAwsIamPolicyDocument } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js";
import type { Construct } from "constructs";

/** A resource policy that refuses every request that does not come over TLS, whoever makes it, and grants nothing. */
export function denyPlainHttp(
  scope: Construct,
  name: string,
  actions: string,
  resources: readonly string[],
): DataAwsIamPolicyDocument {
  return new DataAwsIamPolicyDocument(scope, `document.${name}`, {
    statement: [
      {
        sid: "DenyPlainHttp",
        effect: "Deny",
        actions: [actions],
        resources: [...resources],
        principals: [{ type: "*", identifiers: ["*"] }],
        condition: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
      },
    ],
  });
}
