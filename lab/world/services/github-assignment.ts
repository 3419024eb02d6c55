import { IMPLIED_LABELS } from "../../../contract/class-overlap.ts";
import { carries } from "../../../dispatcher/core/scope.ts";
import type { JobStatus, RunOrigin } from "../../../dispatcher/core/views.ts";
import type { Clock } from "../../../dispatcher/ports.ts";

export interface GitHubJob {
  id: number;
  runId: number;
  repository: string;
  labels: readonly string[];
  /** Everybody may fork the repository. */
  isPublic: boolean;
  origin: RunOrigin;
  status: JobStatus;
  conclusion: string | null;
  runnerName: string | null;
  runnerId: number | null;
  queuedAt: Date;
  startedAt?: Date;
}

export interface GitHubRunner {
  id: number;
  name: string;
  repository: string;
  /** 0: it serves its repository; else all of the organization. */
  groupId: number;
  labels: readonly string[];
  online: boolean;
  jobId: number | null;
  offlineSince: Date;
}

/** GitHub removes a single-use runner that has not been connected for a day (GitHub, self-hosted runners reference). */
const OFFLINE_MS = 24 * 3_600_000;

/** What GitHub tells a webhook about a job. */
export type JobEvent = { action: "queued" | "waiting" | "in_progress" | "completed"; job: Readonly<GitHubJob> };

export interface MemoryGitHubOptions {
  clock: Clock;
  /** `owner/name` of each repository that the App reaches. */
  repositories: readonly string[];
  /** GitHub adds the labels that it may add to each runner. */
  addsLabels?: boolean;
  /** Told when an idle runner could have been given a job and was not. */
  onWithheld?(): void;
}

/**
 * Jobs and runners, and GitHub's rule of assignment: any idle online runner of the repository, or of its organization,
 * that has all of a job's labels gets the oldest such job, whichever job it was registered for.
 */
export function createAssignment(options: MemoryGitHubOptions) {
  const { clock } = options;
  const jobs = new Map<number, GitHubJob>();
  const runners = new Map<number, GitHubRunner>();
  const byName = new Map<string, GitHubRunner>();
  const listeners: ((event: JobEvent) => void)[] = [];
  // In the order in which they came, so the first match is the oldest.
  const waiting = new Set<GitHubJob>();
  const idle = new Set<GitHubRunner>();
  const abandoned: string[] = [];
  const withheld = new Set<number>();
  let assigning = true;
  const added = options.addsLabels ? [...IMPLIED_LABELS] : [];

  function serves(runner: GitHubRunner, job: GitHubJob): boolean {
    const inScope = scopeOf({ ...job, groupId: runner.groupId }) === scopeOf(runner);
    return inScope && !withheld.has(job.id) && carries([...runner.labels, ...added], job.labels);
  }

  function oldestServed(runner: GitHubRunner): GitHubJob | undefined {
    for (const job of waiting) if (serves(runner, job)) return job;
    return undefined;
  }

  function tell(action: JobEvent["action"], job: GitHubJob): void {
    for (const listener of listeners) listener({ action, job: { ...job } });
  }

  function assign(job: GitHubJob | undefined, runner: GitHubRunner | undefined): void {
    if (job === undefined || runner === undefined || !waiting.has(job)) return;
    if (!assigning) {
      options.onWithheld?.();
      return;
    }
    waiting.delete(job);
    idle.delete(runner);
    runner.jobId = job.id;
    const startedAt = clock.now();
    Object.assign(job, { status: "in_progress", runnerName: runner.name, runnerId: runner.id, startedAt });
    tell("in_progress", job);
  }

  function remove(runner: GitHubRunner | undefined): void {
    if (runner === undefined) return;
    runners.delete(runner.id);
    byName.delete(keyOf(runner, runner.name));
    idle.delete(runner);
  }

  function dropAbandoned(): void {
    const before = clock.now().getTime() - OFFLINE_MS;
    for (const runner of runners.values()) {
      if (runner.online || runner.jobId !== null || runner.offlineSince.getTime() > before) continue;
      remove(runner);
      abandoned.push(runner.name);
    }
  }

  function enqueue(job: GitHubJob): void {
    Object.assign(job, { status: "queued", queuedAt: clock.now() });
    waiting.add(job);
    tell("queued", job);
    assign(
      job,
      [...idle].find((candidate) => serves(candidate, job)),
    );
  }

  function finish(job: GitHubJob, conclusion: string): void {
    if (job.status === "completed") return;
    waiting.delete(job);
    if (job.runnerId !== null) remove(runners.get(job.runnerId));
    Object.assign(job, { status: "completed", conclusion });
    tell("completed", job);
  }

  function assignIdle(): void {
    for (const runner of [...idle]) assign(oldestServed(runner), runner);
  }

  function jobOf(jobId: number): GitHubJob {
    const job = jobs.get(jobId);
    if (job === undefined) throw new Error(`the test names job ${jobId}, which it never queued`);
    return job;
  }

  return {
    ...{ jobs, runners, byName, listeners, waiting, idle, abandoned, withheld },
    ...{ oldestServed, tell, assign, remove, dropAbandoned, enqueue, finish, jobOf, assignIdle },
    setAssigning(wanted: boolean) {
      assigning = wanted;
      assignIdle();
    },
  };
}

/** A repository, or its owner for what belongs to a group. */
export function scopeOf({ repository, groupId }: Pick<GitHubRunner, "repository" | "groupId">): string {
  return groupId === 0 ? repository : (repository.split("/")[0] ?? "");
}

export function keyOf(where: Pick<GitHubRunner, "repository" | "groupId">, name: string): string {
  return `${scopeOf(where)}#${name}`;
}

export type Assignment = ReturnType<typeof createAssignment>;
