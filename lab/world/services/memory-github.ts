import type { RepositoryRef, RunOrigin } from "../../../dispatcher/core/views.ts";
import { NotFoundError, NotInstalledError, RunnerExistsError } from "../../../dispatcher/errors.ts";
import type { Clock, GitHub } from "../../../dispatcher/ports.ts";
import { createFaultPlan, type Faulty } from "./fault-plan.ts";
import {
  type Assignment,
  createAssignment,
  type GitHubJob,
  type GitHubRunner,
  type JobEvent,
  keyOf,
  type MemoryGitHubOptions,
  scopeOf,
} from "./github-assignment.ts";

export type { GitHubJob, JobEvent } from "./github-assignment.ts";

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

/** GitHub in memory. */
export function createMemoryGitHub(options: MemoryGitHubOptions): MemoryGitHub {
  const { run, ...faulty } = createFaultPlan<Operation>();
  const github = createAssignment(options);
  return { ...faulty, ...createPort(github, run, options), ...createControls(github, options.clock) };
}

/** GitHub as the dispatcher sees it. */
function createPort(
  github: Assignment,
  run: ReturnType<typeof createFaultPlan<Operation>>["run"],
  { clock, repositories }: MemoryGitHubOptions,
): GitHub {
  const { jobs, runners, byName, remove, dropAbandoned } = github;
  let lastRunnerId = 0;
  const reach = ({ repository }: RepositoryRef): void => {
    if (!repositories.includes(repository)) throw new NotInstalledError(`the App does not reach ${repository}`);
  };
  return {
    registerRunner: (where, { name, labels }) =>
      run("registerRunner", () => {
        reach(where);
        dropAbandoned();
        const { repository, groupId } = where;
        if (byName.has(keyOf(where, name))) {
          throw new RunnerExistsError(`runner ${name} exists already`);
        }
        const id = ++lastRunnerId;
        const offline = { online: false, jobId: null, offlineSince: clock.now() };
        const runner = { id, name, repository, groupId, labels: [...labels], ...offline };
        runners.set(id, runner);
        byName.set(keyOf(where, name), runner);
        return { runnerId: id, encodedJitConfig: encodeJitConfig(id, name) };
      }),
    findRunner: (where, name) =>
      run("findRunner", () => {
        reach(where);
        const found = byName.get(keyOf(where, name));
        if (found === undefined) return undefined;
        const status = found.online ? ("online" as const) : ("offline" as const);
        return { id: found.id, name, status, busy: found.jobId !== null };
      }),
    removeRunner: (where, runnerId) =>
      run("removeRunner", () => {
        reach(where);
        const runner = runners.get(runnerId);
        if (runner === undefined || scopeOf(runner) !== scopeOf(where)) return "removed";
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
  };
}

/** What people and runners do. */
function createControls(github: Assignment, clock: Clock): Omit<MemoryGitHub, keyof GitHub | keyof Faulty<Operation>> {
  const { jobs, runners, waiting, idle, withheld, enqueue, tell, assign, oldestServed, finish, jobOf } = github;
  return {
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
    setAssigning: github.setAssigning,
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
      github.assignIdle();
    },
    job: (jobId) => {
      const job = jobs.get(jobId);
      return job && { ...job };
    },
    jobs: () => [...jobs.values()].map((job) => ({ ...job })),
    runners() {
      github.dropAbandoned();
      return [...runners.values()].map((runner) => ({ ...runner }));
    },
    abandoned: () => [...github.abandoned],
    onEvent: (listener) => void github.listeners.push(listener),
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
