import type { LabClock } from "../aws/clock.ts";
import type { EventLog } from "../aws/event-log.ts";
import type { Owner, Repository } from "./accounts.ts";
import { ApiError, notFound } from "./api-error.ts";
import type { Ids } from "./ids.ts";

/** Where a runner is registered: it serves that repository, or the repositories of that organization. */
export type RunnerScope = { kind: "repository"; repository: Repository } | { kind: "organization"; owner: Owner };

export interface RunnerGroup {
  id: number;
  name: string;
  /** Names of the repositories that may use it; absent: all of the organization's. */
  repositories?: string[];
}

export interface Runner {
  id: number;
  name: string;
  labels: string[];
  scope: RunnerScope;
  group: RunnerGroup;
  workFolder: string;
  clientId: string;
  /** `unknown` until the runner has said. */
  os: string;
  status: "offline" | "online";
  /** The job that it is running. */
  jobId?: number;
  registeredAt: number;
}

export interface Registration {
  name: string;
  labels: string[];
  groupId: number;
  workFolder: string;
}

export interface Runners {
  groups: RunnerGroup[];
  register(scope: RunnerScope, registration: Registration): Runner;
  list(scope: RunnerScope): Runner[];
  /** Throws 404 for a runner of another scope too. */
  get(scope: RunnerScope, id: number): Runner;
  byId(id: number): Runner | undefined;
  all(): Runner[];
  /** As the API does: refused while the runner is running a job. */
  delete(scope: RunnerScope, id: number): void;
  /** As GitHub does itself, after a single-use runner's job. */
  remove(runner: Runner, reason: string): void;
  /** Is told of every runner that is gone. */
  onRemoved(listener: (runner: Runner) => void): void;
}

export const DEFAULT_GROUP: RunnerGroup = { id: 1, name: "Default" };
/** The service's bound on a runner's name. */
const MAX_NAME_LENGTH = 64;

/** Just-in-time registrations: single use, offline until their runner connects, there until their job is done. */
export function createRunners(ids: Ids, clock: LabClock, events: EventLog, groups: RunnerGroup[]): Runners {
  const runners = new Map<number, Runner>();
  const listeners: ((runner: Runner) => void)[] = [];
  const allGroups = [DEFAULT_GROUP, ...groups];
  const list = (scope: RunnerScope) => [...runners.values()].filter((runner) => sameScope(runner.scope, scope));
  const get = (scope: RunnerScope, id: number) => {
    const runner = runners.get(id);
    if (runner === undefined || !sameScope(runner.scope, scope)) throw notFound();
    return runner;
  };
  const remove = (runner: Runner, reason: string) => {
    if (!runners.delete(runner.id)) return;
    events.emit("runner.removed", { runnerId: runner.id, runnerName: runner.name, reason });
    for (const listener of listeners) listener(runner);
  };
  return {
    groups: allGroups,
    register(scope, { name, labels, groupId, workFolder }) {
      const group = allGroups.find(({ id }) => id === groupId);
      // A repository has the default group only.
      if (group === undefined || (scope.kind === "repository" && group !== DEFAULT_GROUP)) throw notFound();
      checkRegistration(name, labels);
      const taken = list(scope).some((runner) => runner.name.toLowerCase() === name.toLowerCase());
      if (taken) throw new ApiError(409, `Already exists - A runner with the name ${name} already exists.`);
      const runner: Runner = {
        id: ids.next("runner"),
        name,
        labels,
        scope,
        group,
        workFolder,
        clientId: ids.uuid(),
        os: "unknown",
        status: "offline",
        registeredAt: clock.now(),
      };
      runners.set(runner.id, runner);
      events.emit("runner.registered", { runnerId: runner.id, runnerName: name, scope: scopeName(scope) });
      return runner;
    },
    list,
    get,
    byId: (id) => runners.get(id),
    all: () => [...runners.values()],
    delete(scope, id) {
      const runner = get(scope, id);
      if (runner.jobId !== undefined) {
        throw new ApiError(
          422,
          `Bad request - Runner "${runner.name}" is currently running a job and cannot be deleted.`,
        );
      }
      remove(runner, "deleted");
    },
    remove,
    onRemoved: (listener) => void listeners.push(listener),
  };
}

/** `owner/name`, or the organization's login. */
export function scopeName(scope: RunnerScope): string {
  return scope.kind === "repository" ? scope.repository.fullName : scope.owner.login;
}

function sameScope(one: RunnerScope, other: RunnerScope): boolean {
  return one.kind === other.kind && scopeName(one) === scopeName(other);
}

function checkRegistration(name: string, labels: string[]): void {
  if (name === "" || name.length > MAX_NAME_LENGTH) {
    throw new ApiError(422, `Validation Failed: name must have 1 to ${MAX_NAME_LENGTH} characters`);
  }
  if (labels.some((label) => label === "" || label.length > 256)) {
    throw new ApiError(422, "Validation Failed: labels must have 1 to 256 characters each");
  }
}
