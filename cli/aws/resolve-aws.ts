import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { loadConfig, NODE_REGION_CONFIG_FILE_OPTIONS, NODE_REGION_CONFIG_OPTIONS } from "@smithy/core/config";
import type { SigningCredentials } from "../../dispatcher/aws/transport/signed-fetch.ts";
import { UsageError } from "../usage-error.ts";

/** Where and as whom AWS is called. */
export interface AwsAccess {
  region: string;
  credentials: SigningCredentials;
}

/** What the command line says in place of the environment. */
export interface AwsChoice {
  region?: string | undefined;
  profile?: string | undefined;
}

/** Region and credentials as every AWS tool finds them: environment, profile, single sign-on, container, instance. */
export async function resolveAws({ region: asked, profile }: AwsChoice = {}): Promise<AwsAccess> {
  const from = profile === undefined ? {} : { profile };
  const regionOf = loadConfig(NODE_REGION_CONFIG_OPTIONS, { ...NODE_REGION_CONFIG_FILE_OPTIONS, ...from });
  try {
    const region = asked ?? (await regionOf());
    const credentialsOf = defaultProvider({ ...from, clientConfig: { region } });
    const { accessKeyId, secretAccessKey, sessionToken } = await credentialsOf();
    return {
      region,
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    };
  } catch (error: unknown) {
    throw new UsageError(whyNot(error instanceof Error ? error.message : String(error), profile));
  }
}

/** One line: what is missing, and what brings it. */
export function whyNot(message: string, profile?: string): string {
  // The SDK's own texts: "Token is expired", "The SSO session ... has expired", "Error when retrieving token from sso".
  if (/\bsso\b|token (is|has) expired|session .* expired/i.test(message)) {
    return `the single sign-on login has expired: aws sso login${profile === undefined ? "" : ` --profile ${profile}`}`;
  }
  if (/region/i.test(message)) return "no AWS Region: give --region, or set AWS_REGION";
  const [line = ""] = message.split("\n");
  return `no AWS credentials: ${line.replace(/\.$/, "")}; give --profile, or set AWS_PROFILE or keys`;
}
