import type { LabClock } from "../aws/clock.ts";
import type { EventLog } from "../aws/event-log.ts";
import { type BrokerTimes, createSessions, type Message, type Session } from "./broker-sessions.ts";
import type { Ids } from "./ids.ts";
import type { Conclusion, Job, Jobs } from "./jobs.ts";
import type { Runner, Runners } from "./runners.ts";

export type { Message } from "./broker-sessions.ts";

/** What a runner of a version that GitHub refuses is told: that it is too old, or nothing at all. */
export type Refusal = "told" | "silent";

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
 * Hands jobs to runners by GitHub's rule: the oldest queued job goes to any idle runner of its repository or
 * organization that has all of its labels, whichever job the runner was registered for.
 */
export function createBroker({ runners, jobs, ids, clock, events, times }: BrokerParts): Broker {
  const sessions = createSessions({ jobs, clock, events, times });
  const refusals = new Map<string, Refusal>();

  const give = (job: Job, session: Session) => {
    const { runner } = session;
    runner.jobId = job.id;
    events.emit("runner.busy", { runnerId: runner.id, runnerName: runner.name, jobId: job.id });
    jobs.start(job, runner);
    sessions.tell(session, jobMessage(job));
  };
  const assign = () => {
    for (const job of jobs.all()) {
      if (job.status !== "queued") continue;
      const session = sessions
        .all()
        .find(
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
    const session = sessions.of(runner);
    if (change === "cancel_requested" && session !== undefined)
      sessions.tell(session, { messageType: "cancel", jobId: job.id });
    if (change === "completed") {
      delete runner.jobId;
      runners.remove(runner, "job done");
    }
  });
  runners.onRemoved((runner) => {
    const session = sessions.of(runner);
    if (session !== undefined) sessions.goOffline(session, "runner.offline");
  });

  return {
    open(agentId, clientId, version) {
      const runner = runners.byId(agentId);
      if (runner === undefined || runner.clientId !== clientId) return "gone";
      if (sessions.of(runner) !== undefined) return "busy";
      const session: Session = { id: ids.uuid(), runner, version, waiting: [] };
      Object.assign(runner, { status: "online", os: "Linux" });
      events.emit("runner.online", { runnerId: runner.id, runnerName: runner.name });
      sessions.add(session);
      return { sessionId: session.id };
    },
    poll(sessionId, signal) {
      const session = sessions.get(sessionId);
      if (session === undefined) return Promise.resolve("gone");
      session.answer?.("nothing");
      const { version } = session;
      if (refusals.get(version) === "told" && session.runner.jobId === undefined)
        return Promise.resolve({ tooOld: version });
      const answered = sessions.wait(session, signal);
      const message = session.waiting.shift();
      if (message !== undefined) session.answer?.(message);
      else assign();
      return answered;
    },
    log(jobId, lines) {
      const job = jobs.get(jobId);
      if (job === undefined || job.runner === undefined) return false;
      job.log.push(...lines);
      const runner = runners.byId(job.runner.id);
      const session = runner && sessions.of(runner);
      if (session !== undefined) sessions.sawAlive(session);
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
      if (session.runner.jobId === undefined) sessions.goOffline(session, "runner.offline");
      else sessions.lose(session);
    },
    refuse(version, how) {
      if (how !== undefined) return void refusals.set(version, how);
      refusals.delete(version);
      assign();
    },
    stop() {
      for (const session of sessions.all()) session.answer?.("nothing");
    },
  };
}

function jobMessage({ id: jobId, name, durationMs, result, dockerNeeded }: Job): Message {
  return { messageType: "job", jobId, name, durationMs, result, ...(dockerNeeded ? { dockerNeeded: true } : {}) };
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
