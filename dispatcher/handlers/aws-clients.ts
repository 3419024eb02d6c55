import { createSignedFetch, type SignedFetch, type SignedFetchOptions } from "../aws/signed-fetch.ts";
import { awsCredentials, awsEndpoint, awsRegion, type Environment } from "../config.ts";

/** Makes the clients of one function, from what Lambda put into its environment, each for one AWS service. */
export function awsClients(
  environment: Environment,
  limits: Pick<SignedFetchOptions, "timeoutMs" | "retry"> = {},
): (service: string) => SignedFetch {
  const region = awsRegion(environment);
  return (service) =>
    createSignedFetch({
      service,
      region,
      credentials: () => awsCredentials(environment),
      endpoint: awsEndpoint(environment, service),
      ...limits,
    });
}
