import type { DispatcherEnvironment } from "../contract/environment.ts";
import { type DispatcherSecret, dispatcherSecret } from "../contract/secrets.ts";
import { parseSecret } from "../dispatcher/config.ts";
import { createAppClient } from "../dispatcher/github/app-client.ts";
import { createPemSigner } from "../dispatcher/github/pem-signer.ts";
import type { Sign } from "../dispatcher/ports.ts";
import type { AwsReader } from "./aws/aws-reader.ts";
import { andThen, type Known } from "./core/finding.ts";
import type { AppAccess } from "./github/app-access.ts";
import { askAsApp, USER_AGENT } from "./github/ask-github.ts";
import { reading } from "./reading.ts";

/** The App, for whoever may read its key where the deployment keeps it, or sign with it. */
export async function readAppAccess(
  aws: Pick<AwsReader, "parameter" | "appKey">,
  settings: DispatcherEnvironment,
): Promise<Known<AppAccess>> {
  const text = await reading(() => aws.parameter(settings.SECRET_PARAM), "terraform apply writes the parameter again");
  const secret = await andThen(text, (json) =>
    reading(async () => parseSecret(dispatcherSecret, settings.SECRET_PARAM, json)),
  );
  return andThen(secret, async ({ github_app: app }) => {
    const sign = await reading(() => signerOf(aws, app), "store the App's key there, or set github_app_key_source");
    return andThen(sign, async (by) => ({ value: accessOf(by, app, settings) }));
  });
}

async function signerOf(aws: Pick<AwsReader, "appKey">, app: DispatcherSecret["github_app"]): Promise<Sign> {
  const found = await aws.appKey(app);
  if ("pem" in found) return createPemSigner(found.pem, found.place);
  // Whether the caller may sign shows when it is tried.
  await found.sign(Buffer.from("gha-microvm"));
  return found.sign;
}

function accessOf(sign: Sign, app: DispatcherSecret["github_app"], settings: DispatcherEnvironment): AppAccess {
  const client = createAppClient({
    apiUrl: settings.GH_API_URL,
    userAgent: USER_AGENT,
    app: { appId: app.app_id, key: { current: async () => sign, renewed: async () => undefined } },
  });
  return {
    client,
    ask: askAsApp(client),
    owner: settings.GH_OWNER,
    installationId: app.installation_id ?? undefined,
  };
}
