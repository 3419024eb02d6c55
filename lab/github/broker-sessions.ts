import type { LabClock } from "../aws/clock.ts";
import type { EventLog } from "../aws/event-log.ts";
import type { Jobs } from "./jobs.ts";
import type { Runner } from "./runners.ts";

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

/** A runner that has connected. */
export interface Session {
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

/** The connections of runners. */
export interface Sessions {
  all(): Session[];
  get(sessionId: string): Session | undefined;
  of(runner: Runner): Session | undefined;
  add(session: Session): void;
  /** A sign of life beside its polls. */
  sawAlive(session: Session): void;
  goOffline(session: Session, kind: string): void;
  /** "The self-hosted runner lost communication with the server": its job has failed. */
  lose(session: Session): void;
  /** Answers the poll that is open, or the next one. */
  tell(session: Session, message: Message): void;
  /** Opens a poll, which ends with something to tell, in time, or when the runner hangs up. */
  wait(session: Session, signal: AbortSignal): Promise<Message | "nothing" | "gone">;
}

/** Sessions of which each is watched while no poll is open. */
export function createSessions({
  jobs,
  clock,
  events,
  times,
}: {
  jobs: Jobs;
  clock: LabClock;
  events: EventLog;
  times: BrokerTimes;
}): Sessions {
  const sessions = new Map<string, Session>();
  const runningJob = (runner: Runner) => (runner.jobId === undefined ? undefined : jobs.get(runner.jobId));

  const goOffline = (session: Session, kind: string) => {
    sessions.delete(session.id);
    clock.clearTimeout(session.lostTimer);
    session.runner.status = "offline";
    events.emit(kind, { runnerId: session.runner.id, runnerName: session.runner.name });
    session.answer?.("gone");
  };
  const lose = (session: Session) => {
    if (!sessions.has(session.id)) return;
    goOffline(session, "runner.lost");
    const job = runningJob(session.runner);
    if (job !== undefined) jobs.complete(job, "failure");
  };
  const watch = (session: Session) => {
    clock.clearTimeout(session.lostTimer);
    if (session.answer === undefined) {
      session.lostTimer = clock.setTimeout(() => lose(session), times.runnerLostMs);
    }
  };
  return {
    all: () => [...sessions.values()],
    get: (sessionId) => sessions.get(sessionId),
    of: (runner) => [...sessions.values()].find((session) => session.runner.id === runner.id),
    add(session) {
      sessions.set(session.id, session);
      watch(session);
    },
    sawAlive: watch,
    goOffline,
    lose,
    tell(session, message) {
      if (session.answer === undefined) session.waiting.push(message);
      else session.answer(message);
    },
    wait: (session, signal) =>
      new Promise((resolve) => {
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
      }),
  };
}
