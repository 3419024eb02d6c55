import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group/index.js";
import type { DataAwsIamPolicyDocumentStatement } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js";
import type { Construct } from "constructs";
import { except } from "../synth/except.ts";
import { asNumber, asStringMap } from "../synth/hcl-token.ts";
import { input, local } from "./reference.ts";
import { LOG_GROUP_EXCEPTION } from "./scan-exceptions.ts";

/** Adds a log group that keeps its events as long as the caller asks. */
export function addLogGroup(scope: Construct, id: string, groupName: string): CloudwatchLogGroup {
  const group = new CloudwatchLogGroup(scope, `logs.${id}`, {
    name: groupName,
    kmsKeyId: input("kms_key_arn"),
    retentionInDays: asNumber(input("log_retention_days")),
    tags: asStringMap(local("tags")),
  });
  return except(group, LOG_GROUP_EXCEPTION);
}

/** Leave to write into one log group. */
export function writeLogs(group: CloudwatchLogGroup): DataAwsIamPolicyDocumentStatement {
  return writeLogsTo(group.arn);
}

/** Leave to write into the log groups of an ARN, which may be a pattern. */
export function writeLogsTo(arn: string): DataAwsIamPolicyDocumentStatement {
  return {
    sid: "WriteLogs",
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    resources: [`${arn}:*`],
  };
}
