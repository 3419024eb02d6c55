import type { GitHub } from "../ports.ts";
import { type AppClientOptions, createAppClient } from "./app-client.ts";
import { createRepositoryRunners } from "./repository-runners.ts";

export type { GitHubApp } from "./app-client.ts";

export interface GitHubOptions extends AppClientOptions {
  /** Group of the organization to register runners in; absent: they are registered in repositories. */
  runnerGroupId?: number | undefined;
}

/** GitHub as an App sees it, with single-use runners registered in repositories or in a group of their organization. */
export function createGitHub({ runnerGroupId, ...options }: GitHubOptions): GitHub {
  return createRepositoryRunners(createAppClient(options), runnerGroupId);
}
