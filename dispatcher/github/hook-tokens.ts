import * as v from "valibot";
import type { Clock } from "../ports.ts";
import { readBody } from "./read-body.ts";
import type { GitHubCall } from "./send-to-github.ts";

/** What a token for webhooks reaches: an organization's own, or those of one repository. */
export type HookScope = { kind: "organization"; organization: string } | { kind: "repository"; repository: string };

/** Makes one call as the App. */
export type AppCall = (call: GitHubCall, what: string) => Promise<unknown>;

/** Installation tokens that can do nothing but read and repeat deliveries, kept in memory while they last. */
export interface HookTokens {
  get(scope: HookScope): Promise<string>;
  /** Forgets the tokens that are held: GitHub refused one. */
  drop(scope: HookScope): void;
}

/** A token lives for an hour; a run is over within minutes. */
const EXPIRY_MARGIN_MS = 5 * 60_000;

const tokenBody = v.object({
  token: v.pipe(v.string(), v.nonEmpty()),
  expires_at: v.pipe(v.string(), v.isoTimestamp()),
});
const installationBody = v.object({ id: v.pipe(v.number(), v.safeInteger()) });

/** Mints tokens through `call`; without `installationId` the installation is looked up. */
export function createHookTokens(call: AppCall, clock: Clock, installationId: number | undefined): HookTokens {
  const tokens = new Map<string, { token: string; usableUntilMs: number }>();
  const installations = new Map<string, number>();

  async function installationOf(scope: HookScope): Promise<number> {
    const known = installationId ?? installations.get(keyOf(scope));
    if (known !== undefined) return known;
    const what = `finding the App's installation for ${keyOf(scope)}`;
    const request =
      scope.kind === "organization"
        ? { route: "GET /orgs/{org}/installation", parameters: { org: scope.organization } }
        : { route: "GET /repos/{owner}/{repo}/installation", parameters: pathOf(scope.repository) };
    const { id } = readBody(installationBody, what, await call({ ...request, repeatable: true }, what));
    installations.set(keyOf(scope), id);
    return id;
  }

  return {
    async get(scope) {
      const held = tokens.get(keyOf(scope));
      if (held !== undefined && held.usableUntilMs > clock.now().getTime()) return held.token;
      const what = `getting an installation token for the webhooks of ${keyOf(scope)}`;
      const body = await call(
        {
          route: "POST /app/installations/{installation_id}/access_tokens",
          parameters: {
            installation_id: await installationOf(scope),
            // A permission of the organization belongs to no repository: such a token reaches none of their contents.
            ...(scope.kind === "organization"
              ? { permissions: { organization_hooks: "write" } }
              : { permissions: { repository_hooks: "write" }, repositories: [pathOf(scope.repository).repo] }),
          },
          repeatable: true,
        },
        what,
      );
      const { token, expires_at } = readBody(tokenBody, what, body);
      tokens.set(keyOf(scope), { token, usableUntilMs: Date.parse(expires_at) - EXPIRY_MARGIN_MS });
      return token;
    },
    drop(scope) {
      tokens.delete(keyOf(scope));
      installations.delete(keyOf(scope));
    },
  };
}

/** A repository as GitHub's paths have it. */
export function pathOf(repository: string): { owner: string; repo: string } {
  const [owner = "", repo = ""] = repository.split("/");
  return { owner, repo };
}

function keyOf(scope: HookScope): string {
  return scope.kind === "organization" ? scope.organization : scope.repository;
}
