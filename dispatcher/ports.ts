/**
 * What the dispatcher needs of the world, in its own words. `aws/` and `github/` implement these over the network, the
 * tests in memory, and one contract suite runs against both.
 */
import type { QueueMessage } from "../contract/messages.ts";
import type {
  BaseVersion,
  DeliveryPage,
  DeploymentState,
  ImageConfiguration,
  ImageState,
  ImageVersion,
  JobRecord,
  JobView,
  Microvm,
  Place,
  PlaceBounds,
  RedeliveryProgress,
  RegisteredRunner,
  RunMicrovmInput,
  Runner,
  RunnerPlace,
  RunOrigin,
  Slot,
  WatchedHook,
} from "./core/views.ts";

export interface Clock {
  now(): Date;
}

/**
 * The jobs table. Every write is conditional on the version that was read: of two writers one is told to look again.
 */
export interface JobStore {
  /** Strongly consistent. */
  get(jobId: number): Promise<JobRecord | undefined>;
  /** Writes `record` in place of version `record.version - 1` (0: of nothing); false when another writer was faster. */
  put(record: JobRecord): Promise<boolean>;
}

/** When RunMicrovm may be called: agreed between all workers through the table. */
export interface Pace {
  /**
   * The moment for one call: `slot` again where that still holds, else a new one, which may be far off. Undefined:
   * launches may be held; whoever knows that this one is not asks again with `pastHold`. Throws a ThrottledError while
   * launches are paused.
   */
  admit(now: Date, slot: Slot | undefined, pastHold?: boolean): Promise<Slot | undefined>;
  /** Whether launches are to look at the hold before they are given a moment. */
  markHeld(held: boolean): Promise<void>;
  /** The service refused a call for its rate, whose moment was given in that epoch. */
  slowDown(now: Date, epoch: number): Promise<void>;
  /** The service has no room, or no image: nobody calls before `until`. */
  block(until: Date, blockedFor?: Slot["blockedFor"]): Promise<void>;
}

/**
 * How many MicroVMs there may be at once, in all and of one repository: sets of launch ids in the table, never above
 * their bounds.
 */
export interface Capacity {
  /** Whether the launch has a place now; asking again for the same launch changes nothing. */
  acquire(launch: Required<Place>, bounds: PlaceBounds): Promise<boolean>;
  release(place: Place): Promise<void>;
  /** The places that are taken, in no order. */
  holders(): Promise<Place[]>;
}

/** What all jobs of the deployment know together: one item of the jobs table. */
export interface Deployment {
  read(): Promise<DeploymentState>;
  /**
   * Writes what `change` makes of it, once; `change` may run more than once, and nothing is written when it changes
   * nothing.
   */
  update(change: (state: DeploymentState) => DeploymentState): Promise<DeploymentState>;
}

/** The jobs queue. */
export interface Queue {
  /** `delaySeconds`: 0 to 900. */
  send(message: QueueMessage, delaySeconds?: number): Promise<void>;
  /** Hides a received message for another 0 to 43,200 seconds. */
  changeVisibility(receiptHandle: string, timeoutSeconds: number): Promise<void>;
}

export interface Secrets {
  /** The decrypted value of an SSM parameter, by its name or ARN. */
  get(name: string): Promise<string>;
}

/** Signs as RS256 asks for: RSASSA-PKCS1-v1_5 with SHA-256. */
export type Sign = (data: Uint8Array) => Promise<Uint8Array>;

/** The App's private key, wherever it is. */
export interface AppKey {
  current(): Promise<Sign>;
  /**
   * The key that has replaced the one which GitHub refused; undefined while there is none. Looks no more than twice a
   * minute.
   */
  renewed(refused: Sign): Promise<Sign | undefined>;
}

/** Lambda MicroVMs. */
export interface Microvms {
  /**
   * Throws ThrottledError for throttling, quota, capacity and an image that is being updated; ClientTokenReusedError.
   */
  run(input: RunMicrovmInput): Promise<Microvm>;
  /** Undefined when the service does not know the id (any more). Eventually consistent. */
  get(microvmId: string): Promise<Microvm | undefined>;
  /** Succeeds also when the MicroVM is gone. */
  terminate(microvmId: string): Promise<void>;
}

/** Versions of the image that MicroVMs start from. A listing is whole or fails. */
export interface ImageVersions {
  /** In no order, those that are being built or deleted included. */
  list(imageArn: string): Promise<ImageVersion[]>;
  /** Versions of the image's MicroVMs that have not ended. */
  inUse(imageArn: string): Promise<ReadonlySet<string>>;
  /**
   * Begins the deletion, during which the image can neither be launched nor changed; succeeds when the version is gone.
   * Throws ThrottledError while the image is being updated, RefusedError for its last version.
   */
  delete(imageArn: string, version: string): Promise<void>;
}

/**
 * GitHub's self-hosted runners, and the jobs of a repository with their workflow runs; each asks with the rights of its
 * place.
 */
export interface GitHub {
  /** Registers a just-in-time runner; throws RunnerExistsError when the name is taken. */
  registerRunner(where: RunnerPlace, runner: { name: string; labels: readonly string[] }): Promise<RegisteredRunner>;
  findRunner(where: RunnerPlace, name: string): Promise<Runner | undefined>;
  /** `busy`: GitHub refused because the runner is running a job. `removed` also when there was none. */
  removeRunner(where: RunnerPlace, runnerId: number): Promise<"removed" | "busy">;
  /** Undefined when GitHub does not know the job (any more). */
  getJob(where: RunnerPlace, jobId: number): Promise<JobView | undefined>;
  /** Throws NotFoundError for a run that GitHub does not know. */
  getRunOrigin(where: RunnerPlace, runId: number): Promise<RunOrigin>;
}

/** Deliveries of webhooks, as GitHub lists them. */
export interface HookDeliveries {
  /**
   * The newest deliveries, or those from the cursor on. Throws InvalidCursorError for a cursor that is good no longer.
   */
  list(hook: WatchedHook, cursor: string | undefined): Promise<DeliveryPage>;
  /** Asks for one more attempt; throws NotFoundError when GitHub no longer knows the delivery. */
  redeliver(hook: WatchedHook, deliveryId: string): Promise<void>;
}

/** What the redeliver function remembers: one item of the jobs table. */
export interface RedeliveryState {
  /**
   * Writes what `change` makes of it, once; `change` may run more than once, and nothing is written when it changes
   * nothing.
   */
  update(change: (progress: RedeliveryProgress) => RedeliveryProgress): Promise<RedeliveryProgress>;
}

/** One small value in the jobs table. */
export interface Cell<T> {
  read(): Promise<T>;
  /**
   * Writes what `change` makes of it, once; `change` may run more than once, and nothing is written when it changes
   * nothing.
   */
  update(change: (value: T) => T): Promise<T>;
}

/** A version of the image, with how it is configured. */
export interface ShownVersion {
  configuration: ImageConfiguration;
  /** `s3://BUCKET/KEY` of its build context. */
  uri: string;
  baseImageArn: string;
  /** Such as `1.0`. */
  baseImageVersion: string;
  createdAt: Date;
}

/** One MicroVM image that can be built again. */
export interface BuiltImage {
  state(): Promise<ImageState>;
  /** All of its versions, in no order. */
  versions(): Promise<ImageVersion[]>;
  /** Throws NotFoundError for a version that the service does not know (any more). */
  show(version: string): Promise<ShownVersion>;
  /** Why its builds failed, one text for each different reason. */
  failures(version: string): Promise<string[]>;
  /** Versions of a base image that AWS manages. */
  bases(baseImageArn: string): Promise<BaseVersion[]>;
  /**
   * Begins to build a new version; the answer is its number. The same token with the same body names the same version.
   * Throws ThrottledError while the image is being built, changed or deleted.
   */
  update(body: Readonly<Record<string, unknown>>, clientToken: string): Promise<string>;
  /** Keeps a version from being launched; running MicroVMs stay. Throws ThrottledError as `update` does. */
  deactivate(version: string): Promise<void>;
}

/** The bucket of build contexts. */
export interface CodeBucket {
  /** Undefined when there is no such object. */
  get(key: string): Promise<Uint8Array | undefined>;
  put(key: string, bytes: Uint8Array): Promise<void>;
}

/** What GitHub says of its runner's releases. */
export interface RunnerApi {
  /** The release for Linux on arm64 that GitHub offers; texts are as they came. */
  newest(): Promise<{ filename: string; sha256: string | undefined } | undefined>;
  /**
   * When GitHub begins to refuse this version: null while it sets no date, undefined for a version that it does not
   * know.
   */
  refusedFrom(version: string): Promise<Date | null | undefined>;
}

/** Whether what a URL names could be downloaded now. */
export type Reach = (url: string) => Promise<boolean>;
