import { createHash } from "node:crypto";
import type { DataSourceBehaviour, Values } from "./behaviour.ts";
import { policyDocument } from "./policy-document.ts";
import type { ProviderContext } from "./type-rules.ts";

/**
 * Names of the Regions that Lambda MicroVMs are known in, and of a few others; the provider shows them as
 * `description`.
 */
const REGION_NAMES: Record<string, string> = {
  "ap-northeast-1": "Asia Pacific (Tokyo)",
  "eu-central-1": "Europe (Frankfurt)",
  "eu-west-1": "Europe (Ireland)",
  "us-east-1": "US East (N. Virginia)",
  "us-east-2": "US East (Ohio)",
  "us-west-2": "US West (Oregon)",
};

/** AWS data sources that need no service behind them. */
export function awsDataSources(context: ProviderContext): Record<string, DataSourceBehaviour> {
  const { account, partition } = context;
  return {
    aws_iam_policy_document: policyDocument,
    aws_caller_identity: {
      read: () => ({
        account_id: account,
        arn: `arn:${partition}:iam::${account}:user/terraform`,
        id: account,
        user_id: `AIDA${createHash("sha256").update(account).digest("hex").toUpperCase().slice(0, 17)}`,
      }),
    },
    aws_partition: { read: () => partitionValues(context) },
    aws_region: { read: (config) => regionValues(config, context) },
  };
}

function partitionValues({ partition }: ProviderContext): Values {
  const suffix = partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
  return { id: partition, partition, dns_suffix: suffix, reverse_dns_prefix: suffix.split(".").reverse().join(".") };
}

function regionValues(config: Values, { region: own, partition }: ProviderContext): Values {
  const asked = [config.region, config.name].find((value) => typeof value === "string" && value !== "");
  const region = typeof asked === "string" ? asked : own;
  const suffix = partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
  return {
    region,
    name: region,
    id: region,
    endpoint: `ec2.${region}.${suffix}`,
    description: REGION_NAMES[region] ?? region,
  };
}
