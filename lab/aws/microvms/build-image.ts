import { randomUUID } from "node:crypto";
import { unzipSync } from "fflate";
import { type LabClock, sleep } from "../clock.ts";
import type { Iam } from "../iam/iam.ts";
import type { Kms } from "../kms.ts";
import type { LogGroups } from "../logs.ts";
import type { Guest, GuestFactory, HookName } from "./guest.ts";
import type { Image, ImageVersion } from "./image.ts";

export interface BuildDeps {
  clock: LabClock;
  iam: Iam;
  kms: Kms;
  logs: LogGroups;
  guests: GuestFactory;
  /** Bytes of an object; undefined when there is none. */
  readObject(bucket: string, key: string): Promise<Uint8Array | undefined>;
  /** How long a build waits before a hook that answered 503 is asked again. */
  hookRetryMs: number;
}

/** A build that failed; the message is the build's state reason. */
class BuildFailure extends Error {
  override readonly name = "BuildFailure";
}

/** Builds one version; answers the reason when it failed. */
export async function buildImage(deps: BuildDeps, image: Image, version: ImageVersion): Promise<string | undefined> {
  const buildRole = { roleName: version.config.buildRoleArn.split("/").at(-1) ?? "", sessionName: image.name };
  const write = (message: string) =>
    // Without the right to log, a failed build leaves no log stream at all (microvm-platform 1.9).
    deps.logs.write(
      buildRole,
      version.config.logging?.logGroup ?? `/aws/lambda-microvms/${image.name}`,
      version.config.logging?.logStream ?? `build/${version.version}`,
      [message],
    );
  try {
    version.artifact = await fetchArtifact(deps, buildRole, version.config.codeArtifactUri);
    await write("container image built");
    for (const hook of ["ready", "validate"] as const) {
      if (version.config.hooks[hook].enabled) await runHook(deps, version, version.artifact, hook, write);
    }
    await write(`version ${version.version} is active`);
    return undefined;
  } catch (error: unknown) {
    if (!(error instanceof BuildFailure)) throw error;
    await write(error.message);
    return error.message;
  }
}

async function fetchArtifact(
  deps: BuildDeps,
  buildRole: { roleName: string; sessionName: string },
  uri: string,
): Promise<Uint8Array> {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  if (bucket === undefined || key === undefined) throw new BuildFailure(`S3_NO_SUCH_BUCKET: ${uri} is not an S3 URI`);
  if (!(await deps.iam.isAllowed(buildRole, { action: "s3:GetObject", resource: `arn:aws:s3:::${bucket}/${key}` }))) {
    throw new BuildFailure("S3_ACCESS_DENIED: the build role may not read the code artifact");
  }
  // S3 has the object decrypted with the rights of whoever reads it.
  await deps.kms
    .authorizeUse(
      {
        service: "s3",
        resource: `arn:aws:s3:::${bucket}/${key}`,
        actions: ["kms:Decrypt"],
        encryptionContext: { "aws:s3:arn": `arn:aws:s3:::${bucket}` },
      },
      (request) => deps.iam.authorize(buildRole, request),
    )
    .catch((error: unknown) => {
      throw new BuildFailure(`S3_ACCESS_DENIED: ${error instanceof Error ? error.message : "the key was refused"}`);
    });
  const artifact = await deps.readObject(bucket, key);
  if (artifact === undefined) throw new BuildFailure(`S3_NO_SUCH_KEY: ${uri} does not exist`);
  let names: string[] = [];
  try {
    unzipSync(artifact, {
      filter: (file) => {
        names = [...names, file.name];
        return false;
      },
    });
  } catch {
    throw new BuildFailure("ARCHIVE_INVALID: the code artifact is not a zip archive");
  }
  if (!names.includes("Dockerfile")) {
    throw new BuildFailure("ARCHIVE_DOCKERFILE_NOT_FOUND: the code artifact has no Dockerfile at its root");
  }
  return artifact;
}

async function runHook(
  deps: BuildDeps,
  version: ImageVersion,
  artifact: Uint8Array,
  hook: Extract<HookName, "ready" | "validate">,
  write: (line: string) => Promise<boolean>,
): Promise<void> {
  const guest = await deps.guests
    .start({
      microvmId: `microvm-${randomUUID()}`,
      artifact,
      environment: version.config.environment,
      memoryMib: version.config.memoryMib,
      onOutput: (line) => void write(line),
    })
    .catch((error: unknown) => {
      throw new BuildFailure(
        `CONTAINER_BUILD_FAILED: the container image build failed: ${error instanceof Error ? error.message : "unknown"}`,
      );
    });
  try {
    await askUntilDone(deps, guest, hook, version.config.hooks[hook].timeoutSeconds);
  } finally {
    guest.kill();
  }
}

// 200: done; 503: ask again until the time is up; any other answer fails the build (microvm-platform 2.2).
async function askUntilDone(
  deps: BuildDeps,
  guest: Guest,
  hook: Extract<HookName, "ready" | "validate">,
  timeoutSeconds: number,
): Promise<void> {
  const title = hook === "ready" ? "Ready" : "Validate";
  const deadline = deps.clock.now() + timeoutSeconds * 1_000;
  const timedOut = new BuildFailure(`${title} hook invocation timed out after PT${timeoutSeconds}S`);
  for (;;) {
    const left = deadline - deps.clock.now();
    if (left <= 0) throw timedOut;
    // A guest that does not listen yet is asked again as well.
    const answer = await guest.hook(hook, "{}", left).catch(() => undefined);
    if (answer?.status === 200) return;
    if (answer !== undefined && answer.status !== 503) {
      const kind = answer.status < 500 ? "client error (HTTP 4xx)" : `server error (HTTP ${answer.status})`;
      throw new BuildFailure(`${title} hook check failed: the application returned a ${kind} response`);
    }
    await sleep(deps.clock, deps.hookRetryMs);
  }
}
