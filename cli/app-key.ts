import { createPrivateKey } from "node:crypto";
import type { DispatcherEnvironment } from "../contract/environment.ts";
import { dispatcherSecret } from "../contract/secrets.ts";
import { parseSecret } from "../dispatcher/config.ts";
import { ConfigurationError } from "../dispatcher/errors.ts";
import type { AwsReader } from "./aws/aws-reader.ts";
import { andThen, type Known } from "./core/finding.ts";
import type { AppAccess } from "./github/app-access.ts";
import { askAsApp } from "./github/ask-github.ts";
import { reading } from "./reading.ts";

/** The App, for whoever may read its key. */
export async function readAppAccess(
  aws: Pick<AwsReader, "parameter">,
  settings: DispatcherEnvironment,
): Promise<Known<AppAccess>> {
  const text = await reading(() => aws.parameter(settings.SECRET_PARAM), "terraform apply writes the parameter again");
  const secret = await andThen(text, (json) =>
    reading(async () => parseSecret(dispatcherSecret, settings.SECRET_PARAM, json)),
  );
  return andThen(secret, async ({ github_app: { app_id, private_key, installation_id } }) => {
    if (private_key == null)
      return { skip: "the App's key is kept elsewhere (github_app_key_source), for the functions alone" };
    return reading(async () => {
      if (!isPrivateKey(private_key)) {
        throw new ConfigurationError("github_app.private_key is not a private key in PEM form");
      }
      return {
        apiUrl: settings.GH_API_URL,
        ask: askAsApp(settings.GH_API_URL, { app_id, private_key }),
        owner: settings.GH_OWNER,
        installationId: installation_id ?? undefined,
      };
    });
  });
}

// Octokit would say so in words of the crypto library, and only at the first call.
function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).type === "private";
  } catch {
    return false;
  }
}
