import { randomUUID } from "node:crypto";
import { sleep } from "../clock.ts";
import type { EventLog } from "../event-log.ts";
import { type BuildDeps, buildImage } from "./build-image.ts";
import type { Image, ImageVersion } from "./image.ts";

export interface ImageBuildsOptions extends BuildDeps {
  events: EventLog;
  buildDelayMs: number;
}

/** Adds a version to the image and builds it; resolves once the build has ended either way. */
export function buildNewVersion(
  options: ImageBuildsOptions,
  image: Image,
  config: ImageVersion["config"],
  kind: "CREATE" | "UPDATE",
): Promise<void> {
  return build(options, image, addVersion(options, image, config), kind);
}

async function build(
  options: ImageBuildsOptions,
  image: Image,
  version: ImageVersion,
  kind: "CREATE" | "UPDATE",
): Promise<void> {
  const { clock, events } = options;
  events.emit("image.state", { image: image.name, state: image.state, version: version.version });
  await sleep(clock, options.buildDelayMs);
  const failure = await buildImage(options, image, version);
  const now = clock.now();
  for (const one of version.builds) {
    one.buildState = failure === undefined ? "SUCCESSFUL" : "FAILED";
    if (failure !== undefined) one.stateReason = failure;
  }
  version.updatedAt = now;
  image.updatedAt = now;
  version.state = failure === undefined ? "SUCCESSFUL" : "FAILED";
  if (failure === undefined) {
    version.status = "ACTIVE";
    image.state = kind === "CREATE" ? "CREATED" : "UPDATED";
  } else {
    image.latestFailed = version.version;
    image.state = kind === "CREATE" ? "CREATE_FAILED" : "UPDATE_FAILED";
  }
  events.emit("image.state", { image: image.name, state: image.state, version: version.version, reason: failure });
}

function addVersion({ clock }: ImageBuildsOptions, image: Image, config: ImageVersion["config"]): ImageVersion {
  const now = clock.now();
  image.lastNumber += 1;
  const version: ImageVersion = {
    version: `${image.lastNumber}.0`,
    config,
    state: "IN_PROGRESS",
    status: "INACTIVE",
    createdAt: now,
    updatedAt: now,
    // One build for each generation of the processor (microvm-platform 1.5).
    builds: ["3", "4"].map((chipsetGeneration) => ({
      buildId: randomUUID(),
      buildState: "IN_PROGRESS",
      chipsetGeneration,
      createdAt: now,
    })),
  };
  image.versions.push(version);
  return version;
}
