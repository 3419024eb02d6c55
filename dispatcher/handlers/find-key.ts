import type { DispatcherSecret } from "../../contract/secrets.ts";
import { createKmsSigner } from "../aws/kms-signer.ts";
import { createSecretsManager } from "../aws/secrets-manager.ts";
import { createSsmSecrets } from "../aws/ssm-secrets.ts";
import { createPemSigner } from "../github/pem-signer.ts";
import type { Sign } from "../ports.ts";
import type { AwsClients } from "./aws-clients.ts";

interface FoundKey {
  /** Differs between different keys. */
  fingerprint: string;
  make(): Sign;
}

/** Finds the App's key where the secret says that it is. */
export async function findKey(client: AwsClients, app: DispatcherSecret["github_app"]): Promise<FoundKey> {
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
