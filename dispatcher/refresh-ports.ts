/** What looking after the image needs of the world, in its own words. */
import type { ImageConfiguration } from "./core/image-configuration.ts";
import type { BaseVersion, ImageState } from "./core/refresh-knowledge.ts";
import type { ImageVersion } from "./core/views.ts";

/** One small value in the jobs table. */
export interface Cell<T> {
  read(): Promise<T>;
  /** Writes what `change` makes of it, once; `change` may run more than once, and nothing is written when it changes nothing. */
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
  /** When GitHub begins to refuse this version: null while it sets no date, undefined for a version that it does not know. */
  refusedFrom(version: string): Promise<Date | null | undefined>;
}

/** Whether what a URL names could be downloaded now. */
export type Reach = (url: string) => Promise<boolean>;

/** Launches that are held because GitHub refuses the runner of this version. */
export interface RunnerHold {
  imageVersion: string;
  /** Unix time in milliseconds: the last refusal. */
  refusedMs: number;
}
