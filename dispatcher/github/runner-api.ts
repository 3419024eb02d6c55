import * as v from "valibot";
import { permissionLabel, RUNNER_RELEASES } from "../../contract/permissions.ts";
import { NotFoundError, NotPermittedError, RefusedError } from "../errors.ts";
import type { RunnerApi } from "../ports.ts";
import { type AppCall, type AppClientOptions, createAppClient, pathOf } from "./app-client.ts";
import { GitHubFailure } from "./github-error.ts";
import { readBody } from "./read-body.ts";

export interface RunnerApiOptions extends AppClientOptions {
  owner: string;
  /** Names, without the owner, of the repositories that are served; empty: all that the App reaches. */
  repositories: readonly string[];
  /** Present: runners belong to the organization. */
  runnerGroupId?: number | undefined;
}

const downloads = v.array(
  v.object({ os: v.string(), architecture: v.string(), filename: v.string(), sha256_checksum: v.nullish(v.string()) }),
);
const date = v.nullish(v.pipe(v.string(), v.isoTimestamp()));
const deprecation = v.object({ registration_deprecates_at: date, runtime_deprecates_at: date });
const repositoriesBody = v.object({ repositories: v.array(v.object({ full_name: v.string() })) });

/** What GitHub says of its runner's releases to an App that looks after runners. */
export function createRunnerApi(options: RunnerApiOptions): RunnerApi {
  const { owner, repositories, runnerGroupId } = options;
  const client = createAppClient({ ...options, send: { ...options.send, maxAttempts: 1 } });
  const kind = runnerGroupId === undefined ? "repository" : "organization";
  let found: string | undefined;

  async function repository(): Promise<string> {
    const [first] = repositories;
    if (first !== undefined) return `${owner}/${first}`;
    if (found !== undefined) return found;
    const purpose = { what: `finding a repository of ${owner}`, permission: permissionLabel("metadata") };
    const call = { route: "GET /installation/repositories", parameters: { per_page: 1 }, repeatable: true, purpose };
    const { body } = await client.asInstallation({ owner }, { metadata: "read" }, call);
    const [any] = readBody(repositoriesBody, purpose.what, body).repositories;
    if (any === undefined) throw new NotFoundError(`the App reaches no repository of ${owner}`);
    found = any.full_name;
    return found;
  }

  async function ask(path: string, parameters: Record<string, unknown>, what: string, expected: number[] = []) {
    const permissions = RUNNER_RELEASES[kind];
    const permission = kind === "repository" ? "administration" : "organization_self_hosted_runners";
    const call = (scope: string, names: Record<string, string>): AppCall => ({
      ...{ route: `GET ${scope}/actions/runners/${path}`, parameters: { ...names, ...parameters }, repeatable: true },
      ...{ expected, purpose: { what, permission: permissionLabel(permission, "read") } },
    });
    try {
      if (kind === "organization") {
        return (await client.asInstallation({ owner }, permissions, call("/orgs/{org}", { org: owner }))).body;
      }
      const name = await repository();
      const { body } = await client.asInstallation(
        { repository: name },
        permissions,
        call("/repos/{owner}/{repo}", pathOf(name)),
      );
      return body;
    } catch (error: unknown) {
      if (!(error instanceof RefusedError) || error.details.missing === undefined) throw error;
      throw new NotPermittedError(error.message, permissionLabel(permission, "read"), { details: error.details });
    }
  }

  return {
    async newest() {
      const what = "listing the runner's downloads";
      const files = readBody(downloads, what, await ask("downloads", {}, what));
      const file = files.find(({ os, architecture }) => os === "linux" && architecture === "arm64");
      return file && { filename: file.filename, sha256: file.sha256_checksum ?? undefined };
    },
    async refusedFrom(version) {
      const what = `asking when runner ${version} is refused`;
      try {
        const body = await ask("deprecations/{version}", { version }, what, [404]);
        const { registration_deprecates_at, runtime_deprecates_at } = readBody(deprecation, what, body);
        const dates = [registration_deprecates_at, runtime_deprecates_at].flatMap((text) =>
          text ? [Date.parse(text)] : [],
        );
        return dates.length === 0 ? null : new Date(Math.min(...dates));
      } catch (error: unknown) {
        if (error instanceof GitHubFailure && error.status === 404) return undefined;
        throw error;
      }
    },
  };
}
