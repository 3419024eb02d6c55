import type { DispatcherSecret } from "../../contract/secrets.ts";
import type { Sign } from "../ports.ts";
import { createKmsSigner } from "./kms-signer.ts";
import { createSecretsManager } from "./secrets-manager.ts";
import { createSsmSecrets } from "./ssm-secrets.ts";
import type { SignedFetch } from "./transport/signed-fetch.ts";

/**
 * The App's private key as it was found: its text, or a signer where it never leaves KMS; `place` names it in errors.
 */
export type FoundKey = { place: string } & ({ pem: string } | { sign: Sign });

/** A client for one AWS service, in the caller's own Region unless another is named. */
export type ClientFor = (service: string, region?: string) => SignedFetch;

/** Reads the App's key where the deployment keeps it, each place in its own Region. */
export async function findAppKey(client: ClientFor, app: DispatcherSecret["github_app"]): Promise<FoundKey> {
  const { kms_signing_key_arn: kms, ssm_parameter_arn: parameter, secretsmanager_secret_arn: secret } = app;
  if (kms != null) return { place: kms, sign: createKmsSigner(client("kms", regionOf(kms)), kms) };
  if (parameter != null) {
    return { place: parameter, pem: await createSsmSecrets(client("ssm", regionOf(parameter))).get(parameter) };
  }
  if (secret != null) {
    const pem = await createSecretsManager(client("secretsmanager", regionOf(secret))).get(secret);
    return { place: secret, pem };
  }
  return { place: "github_app.private_key", pem: app.private_key ?? "" };
}

function regionOf(arn: string): string | undefined {
  return arn.split(":")[3];
}
