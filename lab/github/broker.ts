import type { LabClock } from "../aws/clock.ts";
import type { EventLog } from "../aws/event-log.ts";
import type { Ids } from "./ids.ts";
import type { Conclusion, Job, Jobs } from "./jobs.ts";
import type { Runner, Runners } from "./runners.ts";

export type Message =
  | {
      messageType: "job";
      jobId: number;
      name: string;
      durationMs: number;
      result: "success" | "failure";
      dockerNeeded?: true;
    }
  | { messageType: "cancel"; jobId: number };

/** What a runner of a version that GitHub refuses is told: that it is too old, or nothing at all. */
export type Refusal = "told" | "silent";

interface Session {
  id: string;
  runner: Runner;
  /** What the runner calls itself. */
  version: string;
  waiting: Message[];
  /** Answers the poll that is open. */
  answer?: (message: Message | "nothing" | "gone") => void;
  lostTimer?: unknown;
}

export interface BrokerTimes {
  /** How long a poll stays open. */
  pollMs: number;
  /** How long after its last sign of life a runner counts as lost. */
  runnerLostMs: number;
}

/** GitHub's side of the runners that have connected. */
export interface Broker {
  /** `busy` when the runner has a session already, `gone` when there is no such registration. */
  open(agentId: number, clientId: string, version: string): { sessionId: string } | "busy" | "gone";
  /** Waits for something to tell; `signal` fires when the runner hangs up. */
  poll(sessionId: string, signal: AbortSignal): Promise<Message | "nothing" | "gone" | { tooOld: string }>;
  /** From now on runners of this version get no job, or, without `how`, do again. Their registration is not touched. */
  refuse(version: string, how: Refusal | undefined): void;
  /** False when the job is not one that is running. */
  log(jobId: number, lines: string[]): boolean;
  complete(jobId: number, sessionId: string, result: Conclusion): boolean;
  close(sessionId: string): void;
  /** Answers every open poll. */
  stop(): void;
}

interface BrokerParts {
  runners: Runners;
  jobs: Jobs;
  ids: Ids;
  clock: LabClock;
  events: EventLog;
  times: BrokerTimes;
}

/**
 * Hands jobs to runners by GitHub's rule: the oldest queued job goes to any idle runner of its repository or organization that
 * has all of its labels, whichever job the runner was registered for.
 */
export function createBroker({ runners, jobs, ids, clock, events, times }: BrokerParts): Broker {
  const sessions = new Map<string, Session>();
  const refusals = new Map<string, Refusal>();

  const sessionOf = (runner: Runner | undefined) =>
    [...sessions.values()].find((session) => session.runner.id === runner?.id);
  const runningJob = (runner: Runner) => (runner.jobId === undefined ? undefined : jobs.get(runner.jobId));

  const goOffline = (session: Session, kind: string) => {
    sessions.delete(session.id);
    clock.clearTimeout(session.lostTimer);
    session.runner.status = "offline";
    events.emit(kind, { runnerId: session.runner.id, runnerName: session.runner.name });
    session.answer?.("gone");
  };
  /** "The self-hosted runner lost communication with the server": its job has failed. */
  const loseRunner = (session: Session) => {
    if (!sessions.has(session.id)) return;
    goOffline(session, "runner.lost");
    const job = runningJob(session.runner);
    if (job !== undefined) jobs.complete(job, "failure");
  };
  const watch = (session: Session) => {
    clock.clearTimeout(session.lostTimer);
    if (session.answer === undefined) {
      session.lostTimer = clock.setTimeout(() => loseRunner(session), times.runnerLostMs);
    }
  };
  const tell = (session: Session, message: Message) => {
    if (session.answer === undefined) session.waiting.push(message);
    else session.answer(message);
  };
  const give = (job: Job, session: Session) => {
    const { runner } = session;
    runner.jobId = job.id;
    events.emit("runner.busy", { runnerId: runner.id, runnerName: runner.name, jobId: job.id });
    jobs.start(job, runner);
    const { id: jobId, name, durationMs, result } = job;
    tell(session, {
      messageType: "job",
      ...{ jobId, name, durationMs, result },
      ...(job.dockerNeeded ? { dockerNeeded: true } : {}),
    });
  };
  const assign = () => {
    for (const job of jobs.all()) {
      if (job.status !== "queued") continue;
      const session = [...sessions.values()].find(
        ({ answer, runner, version }) =>
          answer !== undefined && runner.jobId === undefined && !refusals.has(version) && serves(runner, job),
      );
      if (session !== undefined) give(job, session);
    }
  };

  jobs.onChange((job, change) => {
    if (change === "queued") assign();
    const runner = job.runner === undefined ? undefined : runners.byId(job.runner.id);
    if (runner === undefined) return;
    const session = sessionOf(runner);
    if (change === "cancel_requested" && session !== undefined) tell(session, { messageType: "cancel", jobId: job.id });
    if (change === "completed") {
      delete runner.jobId;
      runners.remove(runner, "job done");
    }
  });
  runners.onRemoved((runner) => {
    const session = sessionOf(runner);
    if (session !== undefined) goOffline(session, "runner.offline");
  });

  return {
    open(agentId, clientId, version) {
      const runner = runners.byId(agentId);
      if (runner === undefined || runner.clientId !== clientId) return "gone";
      if (sessionOf(runner) !== undefined) return "busy";
      const session: Session = { id: ids.uuid(), runner, version, waiting: [] };
      sessions.set(session.id, session);
      Object.assign(runner, { status: "online", os: "Linux" });
      events.emit("runner.online", { runnerId: runner.id, runnerName: runner.name });
      watch(session);
      return { sessionId: session.id };
    },
    poll(sessionId, signal) {
      const session = sessions.get(sessionId);
      if (session === undefined) return Promise.resolve("gone");
      session.answer?.("nothing");
      const { version } = session;
      if (refusals.get(version) === "told" && session.runner.jobId === undefined)
        return Promise.resolve({ tooOld: version });
      return new Promise((resolve) => {
        const answer = (message: Message | "nothing" | "gone") => {
          if (session.answer !== answer) return;
          delete session.answer;
          clock.clearTimeout(timer);
          signal.removeEventListener("abort", hangUp);
          if (sessions.has(session.id)) watch(session);
          resolve(message);
        };
        const hangUp = () => answer("nothing");
        const timer = clock.setTimeout(hangUp, times.pollMs);
        session.answer = answer;
        watch(session);
        signal.addEventListener("abort", hangUp);
        const message = session.waiting.shift();
        if (message !== undefined) answer(message);
        else assign();
      });
    },
    log(jobId, lines) {
      const job = jobs.get(jobId);
      if (job === undefined || job.runner === undefined) return false;
      job.log.push(...lines);
      const session = sessionOf(runners.byId(job.runner.id));
      if (session !== undefined) watch(session);
      return true;
    },
    complete(jobId, sessionId, result) {
      const job = jobs.get(jobId);
      const session = sessions.get(sessionId);
      if (job === undefined || session?.runner.jobId !== jobId) return false;
      jobs.complete(job, result);
      return true;
    },
    close(sessionId) {
      const session = sessions.get(sessionId);
      if (session === undefined) return;
      // A runner that leaves in mid-job is not coming back for it.
      if (session.runner.jobId === undefined) goOffline(session, "runner.offline");
      else loseRunner(session);
    },
    refuse(version, how) {
      if (how !== undefined) return void refusals.set(version, how);
      refusals.delete(version);
      assign();
    },
    stop() {
      for (const session of sessions.values()) session.answer?.("nothing");
    },
  };
}

/** Labels are compared without regard to case; a runner may have more than the job asks for. */
function serves(runner: Runner, job: Job): boolean {
  const { scope, group } = runner;
  const { repository } = job.run;
  const inScope =
    scope.kind === "repository"
      ? scope.repository.id === repository.id
      : scope.owner.id === repository.owner.id &&
        (group.repositories === undefined ||
          group.repositories.some((name) => name.toLowerCase() === repository.name.toLowerCase()));
  const has = new Set(runner.labels.map((label) => label.toLowerCase()));
  return inScope && job.labels.every((label) => has.has(label.toLowerCase()));
}
