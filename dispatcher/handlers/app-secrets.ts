import { type DispatcherSecret, dispatcherSecret } from "../../contract/secrets.ts";
import { createKmsSigner } from "../aws/kms-signer.ts";
import { createSecretsManager } from "../aws/secrets-manager.ts";
import { createSsmSecrets } from "../aws/ssm-secrets.ts";
import { parseSecret } from "../config.ts";
import type { GitHubApp } from "../github/create-github.ts";
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
    const { fingerprint, make } = await findKey(client, secret.github_app);
    // The same key stays the same function: that is how a replaced one is told.
    if (last?.fingerprint !== fingerprint) last = { fingerprint, sign: make() };
    return { secret, sign: last.sign };
  });
}

/** The App of the secrets read last, with a key that follows them. */
export function gitHubAppOf({ secret }: AppSecrets, secrets: CachedSecret<AppSecrets>): GitHubApp {
  const { app_id: appId, installation_id: installationId } = secret.github_app;
  return {
    appId,
    ...(installationId ? { installationId: Number(installationId) } : {}),
    key: {
      current: async () => (await secrets.get()).sign,
      async renewed(refused) {
        const { sign } = await secrets.get();
        if (sign !== refused) return sign;
        // Where nothing is read anew, somebody else has asked for it a moment ago, and that answer may be under way.
        const fresh = (await secrets.refresh()) ?? (await secrets.get());
        return fresh.sign === refused ? undefined : fresh.sign;
      },
    },
  };
}

interface FoundKey {
  /** Differs between different keys. */
  fingerprint: string;
  make(): Sign;
}

async function findKey(client: AwsClients, app: DispatcherSecret["github_app"]): Promise<FoundKey> {
  const { kms_signing_key_arn: kms, ssm_parameter_arn: parameter, secretsmanager_secret_arn: secret } = app;
  if (kms != null) return { fingerprint: kms, make: () => createKmsSigner(client("kms", regionOf(kms)), kms) };
  if (parameter != null) {
    return fromPem(await createSsmSecrets(client("ssm", regionOf(parameter))).get(parameter), parameter);
  }
  if (secret != null) {
    return fromPem(await createSecretsManager(client("secretsmanager", regionOf(secret))).get(secret), secret);
  }
  return fromPem(app.private_key ?? "", "github_app.private_key");
}

function fromPem(pem: string, place: string): FoundKey {
  return { fingerprint: pem, make: () => createPemSigner(pem, place) };
}

function regionOf(arn: string): string | undefined {
  return arn.split(":")[3];
}
