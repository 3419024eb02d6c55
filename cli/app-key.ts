import type { DispatcherEnvironment } from "../contract/environment.ts";
import { dispatcherSecret } from "../contract/secrets.ts";
import { parseSecret } from "../dispatcher/config.ts";
import { createAppClient } from "../dispatcher/github/app-client.ts";
import { createPemSigner } from "../dispatcher/github/pem-signer.ts";
import type { AwsReader } from "./aws/aws-reader.ts";
import { andThen, type Known } from "./core/finding.ts";
import type { AppAccess } from "./github/app-access.ts";
import { askAsApp, USER_AGENT } from "./github/ask-github.ts";
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
      const sign = createPemSigner(private_key, "github_app.private_key");
      const client = createAppClient({
        apiUrl: settings.GH_API_URL,
        userAgent: USER_AGENT,
        app: { appId: app_id, key: { current: async () => sign, renewed: async () => undefined } },
      });
      return {
        client,
        ask: askAsApp(client),
        owner: settings.GH_OWNER,
        installationId: installation_id ?? undefined,
      };
    });
  });
}
