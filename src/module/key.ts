import {
  type DataAwsIamPolicyDocument,
  dataAwsIamPolicyDocumentStatementToHclTerraform,
} from "@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js";
import { call, forExpression, notEqual, ref } from "../hcl/build.ts";
import { asList, asString } from "../synth/hcl-token.ts";
import { addDynamicBlocks } from "./dynamic-blocks.ts";
import { input, local } from "./reference.ts";

/** Services that use a customer's key on behalf of whoever calls them. */
type KeyService = "dynamodb" | "logs" | "s3" | "sqs" | "ssm";

/** What a role may have each service do with the customer's key, if there is one. */
export type KeyUses = Partial<Record<KeyService, readonly string[]>>;

/** To read what is encrypted; DynamoDB asks it for writing too: it decrypts the key of the table. */
export const DECRYPT = ["kms:Decrypt"];
/** To encrypt with a new data key. SQS and CloudWatch Logs check at once that it can be decrypted. */
export const ENCRYPT = ["kms:Decrypt", "kms:GenerateDataKey"];
/** To write logs: the rights that AWS's own policy for writers of logs has (CloudWatchLogsAPIKeyAccess). */
export const WRITE_LOGS: KeyUses = { logs: [...ENCRYPT, "kms:DescribeKey"] };

/** Adds a statement for each use to the document; none, where the caller of the module names no key. */
export function allowKeyUses(document: DataAwsIamPolicyDocument, uses: KeyUses): void {
  // No count and no condition around it: the key may be made in the same apply, and is not known before.
  const usesOfKey = forExpression(["service", "actions"], uses, {
    key: ref("service"),
    value: ref("actions"),
    when: notEqual(input("kms_key_arn"), null),
  });
  addDynamicBlocks(
    document,
    "statement",
    usesOfKey,
    dataAwsIamPolicyDocumentStatementToHclTerraform({
      sid: `UseKeyThrough${asString(call("title", ref("statement.key")))}`,
      actions: asList(ref("statement.value")),
      resources: [input("kms_key_arn")],
      condition: [
        {
          test: "StringEquals",
          variable: "kms:ViaService",
          values: [`${asString(ref("statement.key"))}.${local("region")}.amazonaws.com`],
        },
      ],
    }),
  );
}
