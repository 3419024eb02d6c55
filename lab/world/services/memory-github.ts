import type { JobStatus, RepositoryRef, RunOrigin } from "../../../dispatcher/core/views.ts";
import { NotFoundError, NotInstalledError, RunnerExistsError } from "../../../dispatcher/errors.ts";
import type { Clock, GitHub } from "../../../dispatcher/ports.ts";
import { createFaultPlan, type Faulty } from "./fault-plan.ts";

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
}

export interface GitHubRunner {
  id: number;
  name: string;
  repository: string;
  labels: readonly string[];
  online: boolean;
  jobId: number | null;
  offlineSince: Date;
}

/** GitHub removes a single-use runner that has not been connected for a day (GitHub, self-hosted runners reference). */
const OFFLINE_MS = 24 * 3_600_000;

/** What GitHub tells a webhook about a job. */
export type JobEvent = { action: "queued" | "waiting" | "in_progress" | "completed"; job: Readonly<GitHubJob> };

type Operation = "registerRunner" | "findRunner" | "removeRunner" | "getJob" | "getRunOrigin";

export interface MemoryGitHub extends GitHub, Faulty<Operation> {
  queueJob(job: {
    id: number;
    runId?: number;
    repository: string;
    labels: readonly string[];
    isPublic?: boolean;
    /** Default: a push to the repository. */
    origin?: RunOrigin;
  }): void;
  /** The runner with this configuration comes online; false when its registration was removed. */
  connect(encodedJitConfig: string, onConnected?: (runnerId: number) => void): number | false;
  /** The runner is not heard of any more; a job that it has stays with it. */
  disconnect(runnerId: number): void;
  /** The job ends, and with it its single-use runner. */
  completeJob(jobId: number, conclusion: string): void;
  /** A queued job ends at once; a running one ends too, with its runner. */
  cancelJob(jobId: number): void;
  /** A queued job waits for an approval or for its concurrency group: no runner is given to it. */
  holdJob(jobId: number): void;
  /** The job is queued again, and its webhook told so. */
  releaseJob(jobId: number): void;
  /** Whether idle runners are given jobs at all. */
  setAssigning(assigning: boolean): void;
  /** No runner is given to that job, whoever else is served; `giveAgain` ends it. */
  withhold(jobId: number): void;
  giveAgain(jobId: number): void;
  job(jobId: number): GitHubJob | undefined;
  jobs(): GitHubJob[];
  runners(): GitHubRunner[];
  /** Names of the runners that GitHub removed itself, because they were not heard of for a day. */
  abandoned(): string[];
  /** Told of each change of a job, as it happens. */
  onEvent(listener: (event: JobEvent) => void): void;
}

export interface MemoryGitHubOptions {
  clock: Clock;
  /** `owner/name` of each repository that the App reaches. */
  repositories: readonly string[];
  /** Runners belong to the organization and serve all of its repositories. */
  organizationRunners?: boolean;
  /** Told when an idle runner could have been given a job and was not. */
  onWithheld?(): void;
}

/**
 * GitHub in memory, with its rule of assignment: any idle online runner of the repository, or of its organization, that has
 * all of a job's labels gets the oldest such job, whichever job it was registered for.
 */
export function createMemoryGitHub(options: MemoryGitHubOptions): MemoryGitHub {
  const { clock, repositories } = options;
  const { run, ...faulty } = createFaultPlan<Operation>();
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
  let lastRunnerId = 0;
  const scopeOf = (repository: string) => (options.organizationRunners ? repository.split("/")[0] : repository);

  // Labels are compared without regard to case.
  function serves(runner: GitHubRunner, job: GitHubJob): boolean {
    const offered = new Set(runner.labels.map((label) => label.toLowerCase()));
    const inScope = scopeOf(job.repository) === scopeOf(runner.repository);
    return inScope && !withheld.has(job.id) && job.labels.every((label) => offered.has(label.toLowerCase()));
  }

  function oldestServed(runner: GitHubRunner): GitHubJob | undefined {
    for (const job of waiting) if (serves(runner, job)) return job;
    return undefined;
  }

  const keyOf = (repository: string, name: string) => `${scopeOf(repository)}#${name}`;

  function reach({ repository }: RepositoryRef): void {
    if (!repositories.includes(repository)) throw new NotInstalledError(`the App does not reach ${repository}`);
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
    Object.assign(job, { status: "in_progress", runnerName: runner.name, runnerId: runner.id });
    tell("in_progress", job);
  }

  function remove(runner: GitHubRunner | undefined): void {
    if (runner === undefined) return;
    runners.delete(runner.id);
    byName.delete(keyOf(runner.repository, runner.name));
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

  function jobOf(jobId: number): GitHubJob {
    const job = jobs.get(jobId);
    if (job === undefined) throw new Error(`the test names job ${jobId}, which it never queued`);
    return job;
  }

  return {
    ...faulty,
    registerRunner: (where, { name, labels }) =>
      run("registerRunner", () => {
        reach(where);
        dropAbandoned();
        const { repository } = where;
        if (byName.has(keyOf(repository, name))) {
          throw new RunnerExistsError(`runner ${name} exists already`);
        }
        const id = ++lastRunnerId;
        const offline = { online: false, jobId: null, offlineSince: clock.now() };
        const runner = { id, name, repository, labels: [...labels], ...offline };
        runners.set(id, runner);
        byName.set(keyOf(repository, name), runner);
        return { runnerId: id, encodedJitConfig: encodeJitConfig(id, name) };
      }),
    findRunner: (where, name) =>
      run("findRunner", () => {
        reach(where);
        const found = byName.get(keyOf(where.repository, name));
        if (found === undefined) return undefined;
        const status = found.online ? ("online" as const) : ("offline" as const);
        return { id: found.id, name, status, busy: found.jobId !== null };
      }),
    removeRunner: (where, runnerId) =>
      run("removeRunner", () => {
        reach(where);
        const runner = runners.get(runnerId);
        if (runner === undefined || scopeOf(runner.repository) !== scopeOf(where.repository)) return "removed";
        if (runner.jobId !== null) return "busy";
        remove(runner);
        return "removed";
      }),
    getJob: (where, jobId) =>
      run("getJob", () => {
        const job = jobs.get(jobId);
        if (job === undefined || job.repository !== where.repository) return undefined;
        return { status: job.status, conclusion: job.conclusion, runnerName: job.runnerName };
      }),

    getRunOrigin: (where, runId) =>
      run("getRunOrigin", () => {
        reach(where);
        const job = [...jobs.values()].find((each) => each.runId === runId && each.repository === where.repository);
        if (job === undefined) throw new NotFoundError(`run ${runId} was not found`);
        return job.origin;
      }),

    queueJob({ id, runId = id * 10, repository, labels, isPublic = false, origin }) {
      const fresh = { status: "queued" as const, conclusion: null, runnerName: null, runnerId: null };
      const job: GitHubJob = {
        ...{ id, runId, repository, labels: [...labels], isPublic, ...fresh, queuedAt: clock.now() },
        origin: origin ?? { event: "push", headRepository: repository },
      };
      jobs.set(id, job);
      enqueue(job);
    },
    holdJob(jobId) {
      const job = jobOf(jobId);
      if (job.status !== "queued") return;
      waiting.delete(job);
      job.status = "waiting";
      tell("waiting", job);
    },
    releaseJob(jobId) {
      const job = jobOf(jobId);
      if (job.status === "waiting") enqueue(job);
    },
    setAssigning(wanted) {
      assigning = wanted;
      for (const runner of [...idle]) assign(oldestServed(runner), runner);
    },
    connect(encodedJitConfig, onConnected) {
      const runner = runners.get(runnerIdOf(encodedJitConfig));
      // A second process with the same configuration is told that the runner has a session already.
      if (runner === undefined || runner.online) return false;
      runner.online = true;
      onConnected?.(runner.id);
      if (runner.jobId !== null) return runner.id;
      idle.add(runner);
      assign(oldestServed(runner), runner);
      return runner.id;
    },
    disconnect(runnerId) {
      const runner = runners.get(runnerId);
      if (runner === undefined) return;
      if (runner.online) runner.offlineSince = clock.now();
      runner.online = false;
      idle.delete(runner);
    },
    completeJob: (jobId, conclusion) => finish(jobOf(jobId), conclusion),
    cancelJob: (jobId) => finish(jobOf(jobId), "cancelled"),
    withhold: (jobId) => void withheld.add(jobId),
    giveAgain(jobId) {
      withheld.delete(jobId);
      for (const runner of [...idle]) assign(oldestServed(runner), runner);
    },
    job: (jobId) => {
      const job = jobs.get(jobId);
      return job && { ...job };
    },
    jobs: () => [...jobs.values()].map((job) => ({ ...job })),
    runners() {
      dropAbandoned();
      return [...runners.values()].map((runner) => ({ ...runner }));
    },
    abandoned: () => [...abandoned],
    onEvent: (listener) => void listeners.push(listener),
  };
}

// GitHub's own shape: base64 of an object of file names and base64 texts.
function encodeJitConfig(agentId: number, agentName: string): string {
  const files = {
    ".runner": base64(JSON.stringify({ AgentId: String(agentId), AgentName: agentName, Ephemeral: "True" })),
    ".credentials": base64(JSON.stringify({ Scheme: "OAuth" })),
  };
  return base64(JSON.stringify(files));
}

function runnerIdOf(encodedJitConfig: string): number {
  const files = JSON.parse(Buffer.from(encodedJitConfig, "base64").toString()) as Record<string, string>;
  const settings = JSON.parse(Buffer.from(files[".runner"] ?? "", "base64").toString()) as { AgentId: string };
  return Number(settings.AgentId);
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
