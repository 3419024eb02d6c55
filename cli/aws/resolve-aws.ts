import { SSMClient } from "@aws-sdk/client-ssm";
import type { SigningCredentials } from "../../dispatcher/aws/transport/signed-fetch.ts";
import { UsageError } from "../usage-error.ts";

/** Where and as whom AWS is called. */
export interface AwsAccess {
  region: string;
  credentials: SigningCredentials;
}

/** Region and credentials as every AWS tool finds them: environment, profile, single sign-on, container, instance. */
export async function resolveAws(): Promise<AwsAccess> {
  const { config } = new SSMClient();
  try {
    const region = await config.region();
    const { accessKeyId, secretAccessKey, sessionToken } = await config.credentials();
    return {
      region,
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    };
  } catch (error: unknown) {
    const why = error instanceof Error ? error.message : "unknown error";
    throw new UsageError(`no AWS Region or credentials: ${why}; set AWS_REGION, and AWS_PROFILE or keys`);
  }
}
