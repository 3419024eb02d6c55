/** What others say of a job, a runner, a MicroVM, an image's version or a delivery: the values that cross a port. */

export type { DeploymentState } from "./deployment.ts";
export type { Place, PlaceBounds } from "./fair-places.ts";
export type { ImageConfiguration } from "./image-configuration.ts";
export type { JobRecord, RunMicrovmInput } from "./job.ts";
export type { Slot } from "./pace.ts";
export type { RedeliveryProgress } from "./redelivery-progress.ts";

/** A repository, and the App's installation in it where that is known already. */
export interface RepositoryRef {
  /** `owner/name`. */
  repository: string;
  installationId?: number;
}

/** Where runners are looked for: in a repository, or in a runner group of its organization. */
export interface RunnerPlace extends RepositoryRef {
  /** 0: none, they are the repository's own. */
  groupId: number;
}

export type JobStatus = "queued" | "waiting" | "in_progress" | "completed";

export interface JobView {
  status: JobStatus;
  conclusion: string | null;
  /** Name of the runner that GitHub gave the job to. */
  runnerName: string | null;
}

/** What tells where a workflow run comes from. */
export interface RunOrigin {
  /** The event that started it, such as `push` or `pull_request`. */
  event: string;
  /** `owner/name` of the repository of its head commit; null when that was deleted since. */
  headRepository: string | null;
}

export interface Runner {
  id: number;
  name: string;
  status: "online" | "offline";
  busy: boolean;
}

export interface RegisteredRunner {
  runnerId: number;
  /** GitHub's `encoded_jit_config`: good for one runner and one job. */
  encodedJitConfig: string;
}

/** The states that the service documents; it may answer others. */
export type MicrovmState = "PENDING" | "RUNNING" | "SUSPENDING" | "SUSPENDED" | "TERMINATING" | "TERMINATED";

export interface Microvm {
  microvmId: string;
  /** One of {@link MicrovmState}, or another that is younger than this code. */
  state: string;
  imageVersion?: string;
  startedAt?: Date;
  terminatedAt?: Date;
  stateReason?: string;
}

/** A version of the MicroVM image, as the service lists it. */
export interface ImageVersion {
  /** Such as `3.0`. */
  version: string;
  state: "PENDING" | "IN_PROGRESS" | "SUCCESSFUL" | "FAILED" | "DELETING" | "DELETED" | "DELETE_FAILED";
  /** Whether it can be launched once it is built. */
  status: "ACTIVE" | "INACTIVE";
  createdAt: Date;
}

export type ImageState =
  | "CREATING"
  | "CREATED"
  | "CREATE_FAILED"
  | "UPDATING"
  | "UPDATED"
  | "UPDATE_FAILED"
  | "DELETING"
  | "DELETED"
  | "DELETE_FAILED";

/** A version of the base image that AWS manages: its major number. */
export interface BaseVersion {
  major: string;
  status: "AVAILABLE" | "DEPRECATED";
}

/** A webhook whose deliveries are looked at. */
export type WatchedHook =
  | { kind: "organization"; organization: string; hookId: number }
  | { kind: "repository"; repository: string; hookId: number }
  | { kind: "app" };

/** One attempt at delivering one event; a redelivery is a further attempt with the same GUID. */
export interface DeliveryAttempt {
  /** A 64-bit number, as text: it need not fit a double. */
  id: string;
  guid: string;
  deliveredAt: Date;
  /** 0 when there was no answer. */
  statusCode: number;
  event: string;
  action: string | null;
}

export interface DeliveryPage {
  /** Newest first. */
  attempts: readonly DeliveryAttempt[];
  /** Where the next, older page begins; absent on the last. */
  nextCursor?: string;
  /** The time by GitHub's clock; absent where the answer did not tell: ours is taken for it. */
  readAt?: Date;
}
