import { signingName } from "../aws/transport/aws-endpoint.ts";
import { createSignedFetch, type SignedFetch, type SignedFetchOptions } from "../aws/transport/signed-fetch.ts";
import { awsCredentials, awsEndpoint, awsRegion, type Environment } from "../config.ts";

/** A client for one AWS service, by the SDK's name for it, in the function's own Region unless another is named. */
export type AwsClients = (service: string, region?: string) => SignedFetch;

/** Makes the clients of one function, from what Lambda put into its environment. */
export function awsClients(
  environment: Environment,
  limits: Pick<SignedFetchOptions, "timeoutMs" | "retry"> = {},
): AwsClients {
  const ownRegion = awsRegion(environment);
  return (service, region = ownRegion) =>
    createSignedFetch({
      service: signingName(service),
      region,
      credentials: () => awsCredentials(environment),
      endpoint: awsEndpoint(environment, service),
      ...limits,
    });
}
