import { type DispatcherSecret, dispatcherSecret } from "../../contract/secrets.ts";
import { findAppKey } from "../aws/find-app-key.ts";
import { createSsmSecrets } from "../aws/ssm-secrets.ts";
import { parseSecret } from "../config.ts";
import { createPemSigner } from "../github/pem-signer.ts";
import type { Clock, Sign } from "../ports.ts";
import { type CachedSecret, cacheSecret } from "../secret-cache.ts";
import type { AwsClients } from "./aws-clients.ts";

/** What a function that acts as the App must know. */
export interface AppSecrets {
  secret: DispatcherSecret;
  sign: Sign;
}

/** The dispatcher's parameter and the App's key, which may be elsewhere: read together, and kept together. */
export function cacheAppSecrets(client: AwsClients, clock: Clock, parameterName: string): CachedSecret<AppSecrets> {
  const parameters = createSsmSecrets(client("ssm"));
  let last: { fingerprint: string; sign: Sign } | undefined;
  return cacheSecret(clock, async () => {
    const secret = parseSecret(dispatcherSecret, parameterName, await parameters.get(parameterName));
    const found = await findAppKey(client, secret.github_app);
    // The same key stays the same function: that is how a replaced one is told.
    const fingerprint = "pem" in found ? found.pem : found.place;
    if (last?.fingerprint !== fingerprint) {
      last = { fingerprint, sign: "pem" in found ? createPemSigner(found.pem, found.place) : found.sign };
    }
    return { secret, sign: last.sign };
  });
}
