import type { ImageConfig } from "./image-config.ts";

export type ImageState =
  | "CREATING"
  | "CREATED"
  | "CREATE_FAILED"
  | "UPDATING"
  | "UPDATED"
  | "UPDATE_FAILED"
  | "DELETING"
  | "DELETED";

export interface ImageBuild {
  buildId: string;
  buildState: "IN_PROGRESS" | "SUCCESSFUL" | "FAILED";
  chipsetGeneration: string;
  createdAt: number;
  stateReason?: string;
}

export interface ImageVersion {
  version: string;
  config: ImageConfig;
  state: "IN_PROGRESS" | "SUCCESSFUL" | "FAILED" | "DELETING";
  status: "ACTIVE" | "INACTIVE";
  createdAt: number;
  updatedAt: number;
  /** The code artifact as it was when the version was built. */
  artifact?: Uint8Array;
  builds: ImageBuild[];
}

export interface Image {
  name: string;
  arn: string;
  state: ImageState;
  createdAt: number;
  updatedAt: number;
  versions: ImageVersion[];
  /** Counts every version ever built; a number is never used again. */
  lastNumber: number;
  latestFailed?: string;
  tags: Record<string, string>;
}

/** The version that a launch without a version gets: the newest that is built and active. */
export function latestActiveVersion(image: Image): ImageVersion | undefined {
  return image.versions.findLast((version) => version.state === "SUCCESSFUL" && version.status === "ACTIVE");
}

const seconds = (ms: number) => ms / 1_000;

/** An image as GetMicrovmImage shows it: no reason for a failure, that is on the build (microvm-platform 1.5). */
export function imageView(image: Image): Record<string, unknown> {
  const active = latestActiveVersion(image);
  return {
    imageArn: image.arn,
    name: image.name,
    state: image.state,
    createdAt: seconds(image.createdAt),
    updatedAt: seconds(image.updatedAt),
    ...(active === undefined ? {} : { latestActiveImageVersion: active.version }),
    ...(image.latestFailed === undefined ? {} : { latestFailedImageVersion: image.latestFailed }),
    tags: image.tags,
  };
}

/** A version as the API shows it. */
export function versionView(image: Image, version: ImageVersion): Record<string, unknown> {
  const { config } = version;
  const hook = (name: "run" | "resume" | "suspend" | "terminate" | "ready" | "validate") => ({
    [name]: config.hooks[name].enabled ? "ENABLED" : "DISABLED",
    [`${name}TimeoutInSeconds`]: config.hooks[name].timeoutSeconds,
  });
  return {
    imageArn: image.arn,
    imageVersion: version.version,
    baseImageArn: config.baseImageArn,
    baseImageVersion: `${config.baseImageVersion}.0`,
    buildRoleArn: config.buildRoleArn,
    codeArtifact: { uri: config.codeArtifactUri },
    description: config.description,
    state: version.state,
    status: version.status,
    createdAt: seconds(version.createdAt),
    updatedAt: seconds(version.updatedAt),
    egressNetworkConnectors: config.egress,
    cpuConfigurations: [{ architecture: "ARM_64" }],
    resources: [{ minimumMemoryInMiB: config.memoryMib }],
    additionalOsCapabilities: config.capabilities,
    environmentVariables: config.environment,
    hooks: {
      ...(config.hookPort === undefined ? {} : { port: config.hookPort }),
      microvmHooks: { ...hook("run"), ...hook("resume"), ...hook("suspend"), ...hook("terminate") },
      microvmImageHooks: { ...hook("ready"), ...hook("validate") },
    },
    ...(config.logging === undefined ? {} : { logging: { cloudWatch: config.logging } }),
    tags: image.tags,
  };
}

/** A build as ListMicrovmImageBuilds shows it. */
export function buildView(image: Image, version: ImageVersion, build: ImageBuild): Record<string, unknown> {
  return {
    imageArn: image.arn,
    imageVersion: version.version,
    buildId: build.buildId,
    buildState: build.buildState,
    architecture: "ARM_64",
    chipset: "GRAVITON",
    chipsetGeneration: build.chipsetGeneration,
    createdAt: seconds(build.createdAt),
    ...(build.stateReason === undefined ? {} : { stateReason: build.stateReason }),
  };
}
