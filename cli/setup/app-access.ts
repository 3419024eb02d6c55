import * as v from "valibot";
import { createAppClient } from "../../dispatcher/github/app-client.ts";
import { createPemSigner } from "../../dispatcher/github/pem-signer.ts";
import { readBody } from "../../dispatcher/github/read-body.ts";
import type { Sign } from "../../dispatcher/ports.ts";
import type { AppAccess } from "../github/app-access.ts";
import { askAsApp, USER_AGENT } from "../github/ask-github.ts";
import { UsageError } from "../usage-error.ts";

/** The App, by its key. */
export function appAccess(apiUrl: string, owner: string, appId: string, key: string | Sign): AppAccess {
  const sign = typeof key === "string" ? createPemSigner(key, "the App's key") : key;
  const client = createAppClient({
    apiUrl,
    userAgent: USER_AGENT,
    app: { appId, key: { current: async () => sign, renewed: async () => undefined } },
  });
  return { client, ask: askAsApp(client), owner };
}

/** The App as GitHub shows it to itself. */
export interface AppView {
  readonly slug: string;
  readonly url: string;
  readonly owner: { readonly login: string; readonly id: number };
  readonly permissions: Readonly<Record<string, string>>;
}

const appBody = v.object({
  slug: v.string(),
  html_url: v.string(),
  owner: v.object({ login: v.string(), id: v.number() }),
  permissions: v.record(v.string(), v.string()),
});

/** Throws a UsageError that says whether it is the key that GitHub refuses. */
export async function readAppView({ ask }: AppAccess, appId: string): Promise<AppView> {
  const found = await ask("GET /app");
  if ("failure" in found) {
    const { status, message } = found.failure;
    throw new UsageError(
      status === 401 || status === 404
        ? `GitHub refuses the key of App ${appId} (${status}: ${message}): is it this App's, and still listed in its settings?`
        : `GitHub did not say anything of App ${appId} (${status || "no answer"}: ${message})`,
    );
  }
  const { slug, html_url: url, owner, permissions } = readBody(appBody, "reading the App", found.body);
  return { slug, url, owner, permissions };
}
