import { LambdaMicrovmsClient } from "@aws-sdk/client-lambda-microvms";
import type { LabAws } from "../../../../lab/aws/aws.ts";

/** What an AWS SDK client is configured with to call the lab as a role. */
export function clientConfig(aws: LabAws, roleName: string, kill?: () => void) {
  const { accessKeyId, secretAccessKey, sessionToken } = aws.iam.issueCredentials(roleName, "test", kill);
  return {
    endpoint: aws.endpoint,
    region: aws.account.region,
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    maxAttempts: 1,
  };
}

/** A Lambda MicroVMs client that acts as a role and never retries. */
export function microvmsClient(aws: LabAws, roleName: string): LambdaMicrovmsClient {
  return new LambdaMicrovmsClient(clientConfig(aws, roleName));
}
