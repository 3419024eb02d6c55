import * as v from "valibot";
import type { PermissionRequest } from "../../contract/permissions.ts";
import { DispatcherError } from "../../dispatcher/errors.ts";
import type { AppClient } from "../../dispatcher/github/app-client.ts";
import { readBody } from "../../dispatcher/github/read-body.ts";
import { andThen, type Known } from "../core/finding.ts";
import type { InstallationView } from "../core/judge-github.ts";
import { type AskGitHub, askAsInstallation } from "./ask-github.ts";

/** The App as it shows itself to GitHub. */
export interface AppAccess {
  client: AppClient;
  ask: AskGitHub;
  owner: string;
  /** As the inputs have it; absent: looked up. */
  installationId?: string | undefined;
}

const appBody = v.object({ slug: v.optional(v.string()), name: v.string() });
const installationBody = v.object({
  id: v.number(),
  account: v.nullable(v.object({ login: v.optional(v.string()), slug: v.optional(v.string()) })),
  suspended_at: v.nullish(v.string()),
  repository_selection: v.string(),
  permissions: v.record(v.string(), v.string()),
});

/** The App's name, once GitHub has taken its key. */
export async function readApp({ ask }: AppAccess): Promise<Known<string>> {
  const answer = await ask("GET /app");
  if ("body" in answer) return { value: readBody(appBody, "reading the App", answer.body).name };
  const { status, message } = answer.failure;
  if (answer.wrongAddress) return { fail: message, fix: "set github_api_url, then terraform apply" };
  return status === 401 || status === 404
    ? {
        fail: `GitHub refuses its key (${status}: ${message})`,
        fix: "set github_app.app_id and private_key to those of the App's settings page, terraform apply",
      }
    : { skip: `GitHub did not say (${status || "no answer"}: ${message})`, fix: "run doctor again" };
}

/** The installation that the deployment works with. */
export async function readInstallation(access: AppAccess): Promise<Known<InstallationView>> {
  const { ask, owner, installationId } = access;
  const install = `install the App in ${owner} (the App's settings, Install App)`;
  const answer =
    installationId === undefined
      ? await ask("GET /orgs/{owner}/installation", { owner })
      : await ask("GET /app/installations/{installation_id}", { installation_id: installationId });
  const found =
    installationId === undefined && "failure" in answer && answer.failure.status === 404
      ? await ask("GET /users/{owner}/installation", { owner })
      : answer;
  if ("failure" in found) {
    const { status, message } = found.failure;
    if (status !== 404) return { skip: `GitHub did not say (${status || "no answer"}: ${message})` };
    return installationId === undefined
      ? { fail: `the App is not installed in ${owner}`, fix: install }
      : {
          fail: `installation ${installationId} does not exist`,
          fix: `${install}, and set github_app.installation_id`,
        };
  }
  const body = readBody(installationBody, "reading the installation", found.body);
  return {
    value: {
      id: body.id,
      account: body.account?.login ?? body.account?.slug ?? "",
      suspended: typeof body.suspended_at === "string",
      all: body.repository_selection === "all",
      permissions: body.permissions,
    },
  };
}

/** Which of the repositories the App is not installed in. */
export async function readUnreached({ ask, owner }: AppAccess, names: readonly string[]): Promise<Known<string[]>> {
  const unreached: string[] = [];
  for (const name of names) {
    const answer = await ask("GET /repos/{owner}/{repo}/installation", { owner, repo: name });
    if ("body" in answer) continue;
    if (answer.failure.status !== 404) return { skip: `GitHub did not say: ${answer.failure.message}` };
    unreached.push(`${owner}/${name}`);
  }
  return { value: unreached };
}

/** A way to ask as the installation, with nothing but the permission named. */
export async function asInstallation(
  access: AppAccess,
  installation: Known<InstallationView>,
  permissions: PermissionRequest,
): Promise<Known<AskGitHub>> {
  return andThen(installation, async ({ id }) => {
    const reach = { owner: access.owner, installationId: id };
    try {
      await access.client.authorise(reach, permissions);
    } catch (error: unknown) {
      if (!(error instanceof DispatcherError)) throw error;
      return { skip: `the App may not look (${error.message})` };
    }
    return { value: askAsInstallation(access.client, reach, permissions) };
  });
}
