import type { DispatcherEnvironment } from "../../contract/environment.ts";
import type { WaitReason } from "../../contract/events.ts";
import type { LogFields, Logger } from "../../contract/log.ts";
import type { QueueMessage } from "../../contract/messages.ts";
import type { RunnerClassesDocument } from "../../contract/runner-classes.ts";
import type { DispatcherSecret } from "../../contract/secrets.ts";
import type { PlacesQueue } from "../core/fair-places.ts";
import type { RunnerHold } from "../core/runner-hold.ts";
import type { RunnerReleases } from "../core/runner-releases.ts";
import type { Capacity, Cell, Clock, Deployment, GitHub, JobStore, Microvms, Pace, Queue } from "../ports.ts";

/** What the flows need of the world, put together once per execution environment. */
export interface DispatcherDeps {
  environment: DispatcherEnvironment;
  region: string;
  jobs: JobStore;
  pace: Pace;
  capacity: Capacity;
  /** Who was refused a place. */
  placesQueue: Cell<PlacesQueue>;
  /** The places of one class, which are some of those of all. */
  placesOfClass(name: string): Pick<DispatcherDeps, "capacity" | "placesQueue">;
  deployment: Deployment;
  /** Launches that are held because GitHub refuses the runner of the default's image. */
  hold: Cell<RunnerHold>;
  /** The same for another class's own image, by its name. */
  holdOfImage(image: string): Cell<RunnerHold>;
  /** What GitHub says of the runner's releases. */
  releases: { read(): Promise<RunnerReleases> };
  microvms: Microvms;
  queue: Queue;
  /** Reads the secret when it is first needed, and again after a while. */
  secret(): Promise<DispatcherSecret>;
  github(): Promise<GitHub>;
  /** Classes of runners beside the default. */
  classes(): Promise<RunnerClassesDocument>;
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

/** Why a message waits; `busy` where nothing is said. */
export interface Waiting {
  reason?: WaitReason;
  /** What else the log is to say of it. */
  fields?: LogFields;
}

/**
 * What becomes of a message:
 * `done`:  it is dealt with;
 * `again`: a fresh copy of it, or of `message`, arrives after that many seconds, and up to half as many more unless `exactly`;
 * `back`:  it goes back to the queue, and the failure counts towards the dead-letter queue;
 * `drop`:  no later attempt could end otherwise.
 */
export type Outcome =
  | { kind: "done" }
  | ({ kind: "again"; seconds: number; exactly?: true; message?: QueueMessage } & Waiting)
  | ({ kind: "back" } & Waiting)
  | { kind: "drop" };

/** What a flow comes to; `back` and `drop` are errors that it throws. */
export type FlowResult = Extract<Outcome, { kind: "done" | "again" }>;
