import { awsEndpoint, type Environment } from "../../dispatcher/config.ts";

/** IAM has one endpoint, which signs for one Region (IAM documentation, endpoints and quotas). */
export function iamAt(environment: Environment, region: string): { region: string; url: string } {
  const own = awsEndpoint(environment, "iam");
  if (own !== undefined) return { region, url: own };
  if (region.startsWith("cn-")) return { region: "cn-north-1", url: "https://iam.cn-north-1.amazonaws.com.cn" };
  if (region.startsWith("us-gov-")) return { region: "us-gov-west-1", url: "https://iam.us-gov.amazonaws.com" };
  return { region: "us-east-1", url: "https://iam.amazonaws.com" };
}
