import { runnerOf } from "../../../dispatcher/core/build-context.ts";
import type { ImageConfiguration } from "../../../dispatcher/core/image-configuration.ts";
import type { BaseVersion, ImageState, ImageVersion } from "../../../dispatcher/core/views.ts";
import { NotFoundError, RefusedError, ThrottledError } from "../../../dispatcher/errors.ts";
import type { BuiltImage, Clock } from "../../../dispatcher/ports.ts";
import { readZip } from "../../../dispatcher/zip.ts";
import { createFaultPlan, type Faulty } from "./fault-plan.ts";
import type { MemoryCodeBucket } from "./memory-code-bucket.ts";

type Operation = "state" | "versions" | "show" | "failures" | "bases" | "update" | "deactivate";

/** A build that has ended or is under way. */
export interface BuiltVersion {
  version: string;
  /** Version of the runner that its context names. */
  runner: string;
  configuration: ImageConfiguration;
  startedMs: number;
}

export interface MemoryBuiltImage extends BuiltImage, Faulty<Operation> {
  /** Somebody else's build, such as an apply's: its number. Throws a ThrottledError while the image is UPDATING. */
  apply(configuration: ImageConfiguration): string;
  /** What a launch gets now; undefined where nothing can be launched. */
  launched(): { version: string; runner: string } | undefined;
  /** All that were ever begun, the oldest first. */
  builds(): readonly BuiltVersion[];
  now(): ImageState;
  /** Another function deletes a version. */
  remove(version: string): void;
  /** Listed versions beside the newest `keep` that were built, begun before that moment. */
  prunable(keep: number, beforeMs: number): string[];
}

export interface MemoryBuiltImageOptions {
  clock: Clock;
  bucket: MemoryCodeBucket;
  /** Name of the bucket. */
  bucketName: string;
  /** How long a build takes. */
  buildSeconds?: number;
  /** Why a build fails, or not at all; asked when it ends. */
  fails?(build: BuiltVersion): string | undefined;
  bases?(): BaseVersion[];
}

interface Version extends BuiltVersion {
  endsAtMs: number;
  state: ImageVersion["state"];
  status: ImageVersion["status"];
  reason?: string;
}

/** One MicroVM image in memory, with its versions and builds; a build ends by the clock alone. */
export function createMemoryBuiltImage(options: MemoryBuiltImageOptions): MemoryBuiltImage {
  const { clock, bucket, bucketName, buildSeconds = 180 } = options;
  const { run, ...faulty } = createFaultPlan<Operation>();
  const builds: Version[] = [];
  const removed = new Set<string>();
  const byToken = new Map<string, string>();
  let state: ImageState = "CREATED";
  let building: Version | undefined;

  function advance(): void {
    if (building === undefined || clock.now().getTime() < building.endsAtMs) return;
    const ended = building;
    building = undefined;
    const reason = ended.runner === "" ? "S3_ACCESS_DENIED" : options.fails?.(ended);
    ended.state = reason === undefined ? "SUCCESSFUL" : "FAILED";
    if (reason === undefined) ended.status = "ACTIVE";
    else ended.reason = reason;
    state = reason === undefined ? (builds.length === 1 ? "CREATED" : "UPDATED") : "UPDATE_FAILED";
  }

  function begin(configuration: ImageConfiguration): string {
    advance();
    if (building !== undefined) throw new ThrottledError("the image is in state UPDATING", { reason: "image" });
    if (listed().length >= 50) throw new RefusedError("The maximum number of MicroVM image versions has been reached.");
    const startedMs = clock.now().getTime();
    const made: Version = {
      ...{ version: `${builds.length + 1}.0`, runner: runnerIn(configuration), configuration, startedMs },
      ...{ endsAtMs: startedMs + buildSeconds * 1_000, state: "IN_PROGRESS", status: "INACTIVE" },
    };
    builds.push(made);
    building = made;
    state = "UPDATING";
    return made.version;
  }

  // Read when the build begins: whoever deletes it later does no harm.
  function runnerIn({ codeArtifact }: ImageConfiguration): string {
    const uri =
      typeof codeArtifact === "object" && codeArtifact !== null && "uri" in codeArtifact ? codeArtifact.uri : "";
    const archive = bucket.peek(String(uri).replace(`s3://${bucketName}/`, ""));
    return archive === undefined ? "" : (runnerOf(readZip(archive))?.RUNNER_VERSION ?? "unknown");
  }

  function listed(): Version[] {
    advance();
    return builds.filter(({ version }) => !removed.has(version));
  }

  function named(version: string): Version {
    const found = listed().find((each) => each.version === version);
    if (found === undefined) throw new NotFoundError(`MicroVM image version ${version} not found`);
    return found;
  }

  const now = (): ImageState => {
    advance();
    return state;
  };

  return {
    ...faulty,
    apply: begin,
    now,
    builds: () => {
      advance();
      return builds;
    },
    remove: (version) => void removed.add(version),
    prunable: (keep, beforeMs) => prunableOf(listed(), keep, beforeMs),
    launched: () => listed().findLast((each) => each.state === "SUCCESSFUL" && each.status === "ACTIVE"),
    state: () => run("state", now),
    versions: () =>
      run("versions", () =>
        listed().map(({ version, state: built, status, startedMs }) => ({
          ...{ version, state: built, status, createdAt: new Date(startedMs) },
        })),
      ),
    show: (version) => run("show", () => shownOf(named(version))),
    failures: (version) =>
      run("failures", () => {
        const { reason } = named(version);
        return reason === undefined ? [] : [reason];
      }),
    bases: () => run("bases", () => options.bases?.() ?? [{ major: "1", status: "AVAILABLE" }]),
    update: (body, clientToken) =>
      run("update", () => {
        const earlier = byToken.get(clientToken);
        if (earlier !== undefined) return earlier;
        if (!/^\d+$/.test(String(body.baseImageVersion))) throw new RefusedError("baseImageVersion is malformed");
        const version = begin(structuredClone(body));
        byToken.set(clientToken, version);
        return version;
      }),
    deactivate: (version) =>
      run("deactivate", () => {
        if (now() === "UPDATING") throw new ThrottledError("the image is in state UPDATING", { reason: "image" });
        named(version).status = "INACTIVE";
      }),
  };
}

function shownOf({ version, configuration, startedMs, state, status }: Version) {
  const { uri } = configuration.codeArtifact as { uri: string }; // as `apply` and `update` were given it
  const outputs = { imageArn: "arn", imageVersion: version, state, status, createdAt: startedMs };
  const baseImageVersion = `${configuration.baseImageVersion}.0`;
  return {
    configuration: { ...configuration, baseImageVersion, ...outputs },
    ...{ uri, baseImageArn: "base", baseImageVersion },
    createdAt: new Date(startedMs),
  };
}

function prunableOf(listed: readonly Version[], keep: number, beforeMs: number): string[] {
  const newest = listed.toReversed();
  const stay = new Set(newest.filter(({ state }) => state === "SUCCESSFUL").slice(0, keep));
  return newest.filter((each) => !stay.has(each) && each.startedMs < beforeMs).map(({ version }) => version);
}
