import type { LabClock } from "../aws/clock.ts";
import type { EventLog } from "../aws/event-log.ts";
import type { Accounts, Repository } from "./accounts.ts";
import type { Ids } from "./ids.ts";
import type { Runner } from "./runners.ts";

export type Conclusion = "success" | "failure" | "cancelled" | "skipped";

export interface Job {
  id: number;
  run: Run;
  attempt: number;
  name: string;
  labels: string[];
  status: "queued" | "waiting" | "in_progress" | "completed";
  conclusion: Conclusion | null;
  createdAt: number;
  startedAt?: number;
  completedAt?: number;
  /** Who runs or ran it; stays when the registration is gone. */
  runner?: { id: number; name: string; groupId: number; groupName: string };
  cancelRequested: boolean;
  /** How long its steps take, how they end, and whether they need Docker. */
  durationMs: number;
  result: "success" | "failure";
  dockerNeeded: boolean;
  log: string[];
}

export interface Run {
  id: number;
  number: number;
  attempt: number;
  repository: Repository;
  /** Other than `repository` for a pull request from a fork. */
  headRepository: Repository;
  event: string;
  workflowName: string;
  headBranch: string;
  headSha: string;
  createdAt: number;
  jobs: Job[];
}

export interface QueueJobOptions {
  /** `owner/name`. */
  repository: string;
  labels: string[];
  name?: string;
  /** Default 1 second. */
  durationMs?: number;
  /** Default success. */
  result?: "success" | "failure";
  dockerNeeded?: boolean;
  /** Adds the job to a run, as a matrix does. */
  runId?: number;
  workflowName?: string;
  event?: string;
  headBranch?: string;
  /** `owner/name` of the fork that a pull request comes from. */
  headRepository?: string;
  /** `waiting`: for the approval of a deployment, until `release`. */
  status?: "queued" | "waiting";
}

export interface JobTimes {
  /** How long GitHub keeps a job queued for self-hosted runners; 24 hours. */
  queueTimeoutMs: number;
  /** How long a runner has to end a cancelled job before GitHub does; 5 minutes. */
  cancelTimeoutMs: number;
}

export type JobChange = "queued" | "waiting" | "in_progress" | "completed" | "cancel_requested";

export interface Jobs {
  queue(options: QueueJobOptions): Job;
  release(jobId: number): Job;
  cancel(jobId: number): Job;
  /** A new job in the run's next attempt, as "Re-run job" makes it. */
  rerun(jobId: number): Job;
  get(jobId: number): Job | undefined;
  run(runId: number): Run | undefined;
  all(): Job[];
  runsOf(repository: Repository): Run[];
  start(job: Job, runner: Runner): void;
  complete(job: Job, conclusion: Conclusion): void;
  /** Is told of every change, in order. */
  onChange(listener: (job: Job, change: JobChange) => void): void;
}

/** Workflow runs and their jobs. */
export function createJobs(accounts: Accounts, ids: Ids, clock: LabClock, events: EventLog, times: JobTimes): Jobs {
  const jobs = new Map<number, Job>();
  const runs = new Map<number, Run>();
  const listeners: ((job: Job, change: JobChange) => void)[] = [];

  const tell = (job: Job, change: JobChange) => {
    events.emit(`job.${change}`, {
      jobId: job.id,
      repository: job.run.repository.fullName,
      ...(job.runner === undefined ? {} : { runnerName: job.runner.name }),
      ...(job.conclusion === null ? {} : { conclusion: job.conclusion }),
    });
    for (const listener of listeners) listener(job, change);
  };
  const known = (jobId: number): Job => {
    const job = jobs.get(jobId);
    if (job === undefined) throw new Error(`there is no job ${jobId}`);
    return job;
  };
  const complete = (job: Job, conclusion: Conclusion) => {
    if (job.status === "completed") return;
    Object.assign(job, { status: "completed", conclusion, completedAt: clock.now() });
    tell(job, "completed");
  };
  const enqueue = (job: Job) => {
    job.status = "queued";
    clock.setTimeout(() => {
      if (job.status === "queued") complete(job, "failure");
    }, times.queueTimeoutMs);
    tell(job, "queued");
  };
  const add = (job: Job) => {
    jobs.set(job.id, job);
    job.run.jobs.push(job);
  };

  return {
    queue(options) {
      const run = options.runId === undefined ? newRun(accounts, ids, clock.now(), options) : runs.get(options.runId);
      if (run === undefined) throw new Error(`there is no run ${options.runId}`);
      runs.set(run.id, run);
      const job = newJob(ids.next("job"), run, clock.now(), options);
      add(job);
      if (job.status === "queued") enqueue(job);
      else tell(job, "waiting");
      return job;
    },
    release(jobId) {
      const job = known(jobId);
      if (job.status !== "waiting") throw new Error(`job ${jobId} is ${job.status}, not waiting`);
      enqueue(job);
      return job;
    },
    cancel(jobId) {
      const job = known(jobId);
      if (job.status === "queued" || job.status === "waiting") complete(job, "cancelled");
      if (job.status === "in_progress" && !job.cancelRequested) {
        job.cancelRequested = true;
        clock.setTimeout(() => complete(job, "cancelled"), times.cancelTimeoutMs);
        tell(job, "cancel_requested");
      }
      return job;
    },
    rerun(jobId) {
      const { run, name, labels, durationMs, result, dockerNeeded, status } = known(jobId);
      if (status !== "completed") throw new Error(`job ${jobId} is ${status}: only a completed job can be run again`);
      run.attempt += 1;
      const job: Job = {
        ...{ id: ids.next("job"), run, attempt: run.attempt, name, labels, status: "queued", conclusion: null },
        ...{ createdAt: clock.now(), cancelRequested: false, durationMs, result, dockerNeeded, log: [] },
      };
      add(job);
      enqueue(job);
      return job;
    },
    get: (jobId) => jobs.get(jobId),
    run: (runId) => runs.get(runId),
    all: () => [...jobs.values()],
    runsOf: (repository) => [...runs.values()].filter((run) => run.repository.id === repository.id).reverse(),
    start(job, runner) {
      const { id, name, group } = runner;
      Object.assign(job, { status: "in_progress", startedAt: clock.now() });
      job.runner = { id, name, groupId: group.id, groupName: group.name };
      tell(job, "in_progress");
    },
    complete,
    onChange: (listener) => void listeners.push(listener),
  };
}

function newJob(id: number, run: Run, createdAt: number, options: QueueJobOptions): Job {
  return {
    id,
    run,
    attempt: run.attempt,
    name: options.name ?? "build",
    labels: options.labels,
    status: options.status ?? "queued",
    conclusion: null,
    createdAt,
    cancelRequested: false,
    durationMs: options.durationMs ?? 1_000,
    result: options.result ?? "success",
    dockerNeeded: options.dockerNeeded ?? false,
    log: [],
  };
}

function newRun(accounts: Accounts, ids: Ids, createdAt: number, options: QueueJobOptions): Run {
  const repositoryNamed = (fullName: string): Repository => {
    const repository = accounts.repository(fullName);
    if (repository === undefined) throw new Error(`there is no repository ${fullName}: name it when GitHub starts`);
    return repository;
  };
  const repository = repositoryNamed(options.repository);
  const run: Run = {
    id: ids.next("run"),
    number: ids.next("runNumber"),
    attempt: 1,
    repository,
    headRepository: options.headRepository === undefined ? repository : repositoryNamed(options.headRepository),
    event: options.event ?? (options.headRepository === undefined ? "push" : "pull_request"),
    workflowName: options.workflowName ?? "CI",
    headBranch: options.headBranch ?? "main",
    headSha: ids.hex(40),
    createdAt,
    jobs: [],
  };
  return run;
}
