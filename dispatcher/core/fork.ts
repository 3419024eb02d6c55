import type { RunOrigin } from "./views.ts";

/**
 * Whether a run was started by a fork's pull request: by `pull_request` and its reviews, which run the fork's own code,
 * and by `pull_request_target`, whose workflow is the base's but may check the fork out. `workflow_run`,
 * `issue_comment` and `merge_group` have their head in the repository itself and run what its members merged.
 */
export function isForksPullRequest({ event, headRepository }: RunOrigin, repository: string): boolean {
  if (!event.startsWith("pull_request")) return false;
  // Of a deleted repository nobody can tell what it was.
  return headRepository?.toLowerCase() !== repository.toLowerCase();
}
