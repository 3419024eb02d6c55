import { createHash } from "node:crypto";
import { fingerprintOf, runnerOf } from "../core/build-context.ts";
import { majorOf } from "../core/image-configuration.ts";
import {
  forgetVersions,
  type KnownVersion,
  noteAnswer,
  noteLaunched,
  noteVersion,
  type RefreshState,
} from "../core/refresh-state.ts";
import { launchableVersions, newestFirst } from "../core/refresh-view.ts";
import type { ImageVersion } from "../core/views.ts";
import { NotFoundError } from "../errors.ts";
import type { ShownVersion } from "../ports.ts";
import { readZip } from "../zip.ts";
import type { RefreshDeps } from "./refresh-deps.ts";

/** Where the function keeps its own build contexts; Terraform deletes the ones that it made. */
const OWN_FOLDER = "microvm/refreshed/";
/** An answer that was lost is looked for in so many versions, the newest first. */
const MAX_LOOKS = 4;

/** Key of a build context of the function's own, which follows from its contents. */
export function ownKey(archive: Uint8Array): string {
  return `${OWN_FOLDER}${createHash("sha256").update(archive).digest("hex")}.zip`;
}

/**
 * Learns what is in the version that launches get, keeps a copy of its build context, and finds the version of a
 * build whose answer was lost. `baseImageArn` is absent where the version that launches get cannot be read.
 */
export async function lookIntoImage(
  deps: RefreshDeps,
  versions: readonly ImageVersion[],
): Promise<{ state: RefreshState; baseImageArn?: string }> {
  const listed = versions.map(({ version }) => version);
  let state = await deps.state.update((known) => forgetVersions(known, listed));
  const answered = await findAnswer(deps, state, versions);
  if (answered !== undefined) state = await deps.state.update((known) => noteAnswer(known, answered));
  const [launched] = launchableVersions(versions);
  // What launches get, what they are pinned to, what is to be built again: others are known from when they were
  // launched.
  for (const version of new Set([launched, deps.environment.IMAGE_VERSION, state.covered])) {
    if (version === undefined || !listed.includes(version) || state.versions[version] !== undefined) continue;
    const facts = await lookInto(deps, version);
    if (facts !== undefined) state = await deps.state.update((known) => noteVersion(known, version, facts));
  }
  const facts = launched === undefined ? undefined : state.versions[launched];
  if (facts === undefined) return { state };
  state = await deps.state.update((known) => noteLaunched(known, facts));
  return { state, baseImageArn: facts.baseImageArn };
}

async function lookInto(deps: RefreshDeps, version: string): Promise<KnownVersion | undefined> {
  const { environment, code, log } = deps;
  const shown = await shownOrGone(deps, version);
  if (shown === undefined) return undefined;
  const from = keyOf(shown.uri, environment.CODE_BUCKET);
  const archive = from === undefined ? undefined : await code.get(from);
  if (from === undefined || archive === undefined) {
    log.warn("refresh.no_context", { imageVersion: version, uri: shown.uri });
    return undefined;
  }
  const context = readZip(archive);
  const env = runnerOf(context);
  if (env === undefined) {
    log.warn("refresh.no_runner", { imageVersion: version, uri: shown.uri });
    return undefined;
  }
  const own = from.startsWith(OWN_FOLDER);
  let key = from;
  if (!own && environment.MODE === "auto") {
    key = ownKey(archive);
    await code.put(key, archive);
  }
  const created = shown.createdAt.getTime();
  return {
    runner: env.RUNNER_VERSION,
    runnerSha256: env.RUNNER_SHA256,
    // The same context built again may bring what an earlier build of it had brought.
    builtMs: own && env.BUILT !== undefined ? Math.min(created, Date.parse(env.BUILT)) : created,
    context: fingerprintOf(context),
    key,
    base: majorOf(shown.baseImageVersion),
    baseImageArn: shown.baseImageArn,
    own,
  };
}

// A build was asked for and no answer came: its version is one that was made since, from the same context.
async function findAnswer(
  deps: RefreshDeps,
  { build }: RefreshState,
  versions: readonly ImageVersion[],
): Promise<string | undefined> {
  if (build === undefined || build.version !== undefined) return undefined;
  const since = newestFirst(versions).filter(({ createdAt }) => createdAt.getTime() >= build.startedMs - CLOCKS_MS);
  for (const { version } of since.slice(0, MAX_LOOKS)) {
    const shown = await shownOrGone(deps, version);
    if (shown !== undefined && keyOf(shown.uri, deps.environment.CODE_BUCKET) === build.key) return version;
  }
  return undefined;
}

/** How far our clock and the service's may be apart. */
const CLOCKS_MS = 60_000;

async function shownOrGone({ image }: RefreshDeps, version: string): Promise<ShownVersion | undefined> {
  try {
    return await image.show(version);
  } catch (error: unknown) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

function keyOf(uri: string, bucket: string): string | undefined {
  const prefix = `s3://${bucket}/`;
  return uri.startsWith(prefix) ? uri.slice(prefix.length) : undefined;
}
