import type { GitHub } from "../ports.ts";
import { type AppClientOptions, createAppClient } from "./app-client.ts";
import { createRepositoryRunners } from "./repository-runners.ts";

export type { GitHubApp } from "./app-client.ts";

/** GitHub as an App sees it, with single-use runners registered in repositories or in groups of their organization. */
export function createGitHub(options: AppClientOptions): GitHub {
  return createRepositoryRunners(createAppClient(options));
}
