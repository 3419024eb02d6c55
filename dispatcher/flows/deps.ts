import type { DispatcherEnvironment } from "../../contract/environment.ts";
import type { Logger } from "../../contract/log.ts";
import type { DispatcherSecret } from "../../contract/secrets.ts";
import type { Capacity, Clock, GitHub, JobStore, Microvms, Pace, Queue, RepositoryRef } from "../ports.ts";

/** What the flows need of the world, put together once per execution environment. */
export interface DispatcherDeps {
  environment: DispatcherEnvironment;
  region: string;
  jobs: JobStore;
  pace: Pace;
  capacity: Capacity;
  microvms: Microvms;
  queue: Queue;
  /** Reads the secret when it is first needed, and again after a while. */
  secret(): Promise<DispatcherSecret>;
  github(): Promise<GitHub>;
  clock: Clock;
  sleep(milliseconds: number): Promise<void>;
  /** From 0 to 1. */
  random(): number;
  log: Logger;
}

/** One message on its way through a flow. */
export interface FlowContext {
  /** Names this attempt among all others: the holder of its lease. */
  holder: string;
  /** When Lambda ends this invocation. */
  deadline: Date;
  /** An earlier attempt at this very message did not come to its end. */
  retried: boolean;
  log: Logger;
}

/**
 * What becomes of the message. `again`: a fresh copy of it arrives after that many seconds, and up to half as many more
 * unless `exactly`.
 */
export type FlowResult = { kind: "done" } | { kind: "again"; seconds: number; exactly?: true };

/** Where a job's calls to GitHub go. */
export function repositoryOf(job: { repository: string; installationId?: number | undefined }): RepositoryRef {
  return job.installationId === undefined
    ? { repository: job.repository }
    : { repository: job.repository, installationId: job.installationId };
}
