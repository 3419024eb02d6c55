import {
  createSignedFetch,
  type SignedFetch,
  type SignedFetchOptions,
} from "../../dispatcher/aws/transport/signed-fetch.ts";

/** Credentials that no error may show. */
export const LOCAL_CREDENTIALS = {
  accessKeyId: "AKIDEXAMPLE0000000",
  secretAccessKey: "secret-access-key-of-the-tests",
  sessionToken: "session-token-of-the-tests",
};

/** A signed fetch against a local server, which does not wait between attempts. */
export function signedFetchFor(
  service: string,
  endpoint: string,
  change: Partial<SignedFetchOptions> = {},
): SignedFetch {
  return createSignedFetch({
    service,
    region: "eu-west-1",
    endpoint,
    credentials: () => LOCAL_CREDENTIALS,
    ...change,
    retry: { sleep: async () => undefined, ...change.retry },
  });
}
