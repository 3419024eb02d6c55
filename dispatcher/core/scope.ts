import { IMPLIED_LABELS } from "../../contract/class-overlap.ts";
import { standsFor } from "./run-label.ts";

/** Which jobs one class of runners serves. */
export interface ClassScope {
  name: string;
  requiredLabels: readonly string[];
  runnerLabels: readonly string[];
  /** Repository names without the owner; empty: all that the deployment serves. */
  repositories: readonly string[];
}

/** Which jobs this deployment serves. */
export interface Scope<Class extends ClassScope = ClassScope> {
  /** Organization or user. */
  owner: string;
  /** Repository names without the owner; empty: all of the owner's. */
  repositories: readonly string[];
  classes: readonly Class[];
}

/** What is known of a job that asks for a runner. */
export interface AskingJob {
  repository: string;
  runId: number;
  labels: readonly string[];
}

/** Why a job is not ours. */
export type OutOfScope =
  /** Its repository is not served. */
  | "repository"
  /** No class has its labels. */
  | "labels"
  /** The class that has its labels does not serve its repository. */
  | "class";

/** The class that serves a job, and the labels that its runner registers with. */
export interface Served<Class extends ClassScope> {
  class: Class;
  labels: readonly string[];
}

/**
 * Which class serves a job, or why none does. GitHub compares logins, repository names and labels without regard to
 * case, and gives a job only to a runner that carries all of the job's labels. No two classes have the labels of one
 * job (contract/class-overlap.ts), so there is no order among them.
 */
export function chooseClass<Class extends ClassScope>(scope: Scope<Class>, job: AskingJob): Served<Class> | OutOfScope {
  const [owner = "", name = ""] = job.repository.toLowerCase().split("/");
  if (owner !== scope.owner.toLowerCase() || !names(scope.repositories, name)) return "repository";
  for (const candidate of scope.classes) {
    const labels = registeredLabels(candidate, job);
    if (labels !== undefined) return names(candidate.repositories, name) ? { class: candidate, labels } : "class";
  }
  return "labels";
}

/** Why no class serves a job; undefined when one does. */
export function outOfScope(scope: Scope, job: AskingJob): OutOfScope | undefined {
  const chosen = chooseClass(scope, job);
  return typeof chosen === "string" ? chosen : undefined;
}

/** Whether a runner with these labels can be given a job that asks for those. */
export function carries(runnerLabels: readonly string[], labels: readonly string[]): boolean {
  return lowerCased(labels).isSubsetOf(lowerCased(runnerLabels));
}

// The labels with which a runner of the class registers for the job; undefined where the class does not serve its
// labels.
function registeredLabels({ requiredLabels, runnerLabels }: ClassScope, job: AskingJob): readonly string[] | undefined {
  const required = lowerCased(requiredLabels);
  const offered = lowerCased(runnerLabels);
  const asked = lowerCased(job.labels);
  const { labels, scoped } = standsFor(asked, job.runId);
  if (!required.isSubsetOf(labels) || !labels.isSubsetOf(offered)) return undefined;
  if (scoped.size === 0) return runnerLabels;
  // Jobs without it cannot be given this runner only if it lacks one of the labels that they all have.
  return required.difference(asked).difference(IMPLIED_LABELS).size > 0 ? job.labels : undefined;
}

function names(list: readonly string[], name: string): boolean {
  return list.length === 0 || lowerCased(list).has(name);
}

function lowerCased(texts: readonly string[]): Set<string> {
  return new Set(texts.map((text) => text.toLowerCase()));
}
