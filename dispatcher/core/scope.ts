/** Which jobs this deployment serves. */
export interface Scope {
  /** Organization or user. */
  owner: string;
  /** Repository names without the owner; empty: all of the owner's. */
  repositories: readonly string[];
  requiredLabels: readonly string[];
  runnerLabels: readonly string[];
}

/**
 * Why a job is not ours, or undefined when it is. GitHub compares logins, repository names and labels without regard to
 * case, and gives a job only to a runner that carries all of the job's labels.
 */
export function outOfScope(
  scope: Scope,
  job: { repository: string; labels: readonly string[] },
): "repository" | "labels" | undefined {
  const [owner = "", name = ""] = job.repository.toLowerCase().split("/");
  if (owner !== scope.owner.toLowerCase()) return "repository";
  if (scope.repositories.length > 0 && !lowerCased(scope.repositories).has(name)) return "repository";
  const labels = lowerCased(job.labels);
  const offered = lowerCased(scope.runnerLabels);
  const served = lowerCased(scope.requiredLabels).isSubsetOf(labels) && labels.isSubsetOf(offered);
  return served ? undefined : "labels";
}

function lowerCased(texts: readonly string[]): Set<string> {
  return new Set(texts.map((text) => text.toLowerCase()));
}

/** The scope that a function's environment describes. */
export function scopeOf(environment: {
  GH_OWNER: string;
  GH_REPOSITORIES: readonly string[];
  REQUIRED_LABELS: readonly string[];
  RUNNER_LABELS: readonly string[];
}): Scope {
  return {
    owner: environment.GH_OWNER,
    repositories: environment.GH_REPOSITORIES,
    requiredLabels: environment.REQUIRED_LABELS,
    runnerLabels: environment.RUNNER_LABELS,
  };
}
