import type { PruneEnvironment } from "../../contract/environment.ts";
import type { Logger } from "../../contract/log.ts";
import { isSettled, planPrune } from "../core/plan-prune.ts";
import type { ImageVersion } from "../core/views.ts";
import { RefusedError, ThrottledError } from "../errors.ts";
import type { Clock, ImageVersions } from "../ports.ts";

/** An image, and the versions that launches name. */
export interface PrunedImage {
  arn: string;
  pinned: readonly string[];
}

/** What pruning needs of the world. */
export interface PruneDeps {
  environment: Pick<PruneEnvironment, "IMAGE_VERSIONS_KEPT">;
  image: PrunedImage;
  images: ImageVersions;
  clock: Clock;
  sleep(milliseconds: number): Promise<void>;
  log: Logger;
}

/** Launches that a deletion held up come back within some seconds: they get their turn before the next one. */
const POLL_MS = 10_000;
const ADVICE =
  "apply the module again; if it stays, delete the version with: aws lambda-microvms delete-microvm-image-version";

/**
 * One run: deletes versions of the image that nothing needs, one at a time, until `deadline` at the latest. A moment
 * that is wrong ends it quietly, because the next run does the same; whatever else goes wrong is thrown in the end.
 */
export async function pruneVersions(deps: PruneDeps, deadline: Date): Promise<{ deleted: string[] }> {
  const { log } = deps;
  const deleted: string[] = [];
  try {
    await carryOut(deps, deadline, deleted);
  } catch (error: unknown) {
    const message = error instanceof Error ? error.message : "something that is no error was thrown";
    if (!(error instanceof ThrottledError)) {
      log.error("prune.failed", { message, advice: ADVICE });
      throw error;
    }
    log.warn("prune.put_off", { reason: error.reason, message });
  }
  log.info("prune.ended", { deleted });
  return { deleted };
}

async function carryOut(deps: PruneDeps, deadline: Date, deleted: string[]): Promise<void> {
  const { environment, image, images, clock, log } = deps;
  const asked = new Set<string>();
  let refused: RefusedError | undefined;
  let versions: ImageVersion[] | undefined = await images.list(image.arn);
  const inUse = await images.inUse(image.arn);
  const plan = () =>
    planPrune({
      versions: versions ?? [],
      inUse,
      pinned: image.pinned,
      keep: environment.IMAGE_VERSIONS_KEPT,
      asked,
      now: clock.now(),
    });
  log.info("prune.planned", { versions: versions.length, inUse: [...inUse], over: plan() });
  for (let [next] = plan(); next !== undefined && clock.now() < deadline; [next] = plan()) {
    asked.add(next);
    try {
      await images.delete(image.arn, next);
      deleted.push(next);
      log.info("prune.deleted", { imageVersion: next });
    } catch (error: unknown) {
      if (!(error instanceof RefusedError)) throw error;
      refused = error;
      log.error("prune.refused", { imageVersion: next, message: error.message, advice: ADVICE });
      continue;
    }
    if (plan().length === 0) break;
    versions = await whenSettled(deps, deadline);
  }
  if (refused !== undefined) throw refused;
}

async function whenSettled(
  { image, images, clock, sleep }: PruneDeps,
  deadline: Date,
): Promise<ImageVersion[] | undefined> {
  while (clock.now().getTime() + POLL_MS < deadline.getTime()) {
    await sleep(POLL_MS);
    const versions = await images.list(image.arn);
    if (isSettled(versions)) return versions;
  }
  return undefined;
}

/**
 * One run over all images, in an order that differs from run to run, since the last may find no time left. One that
 * fails stops no other: the run fails in the end.
 */
export async function pruneImages(
  deps: Omit<PruneDeps, "image"> & { random(): number },
  images: readonly PrunedImage[],
  deadline: Date,
): Promise<void> {
  const order = images.map((image) => ({ image, at: deps.random() })).toSorted((a, b) => a.at - b.at);
  const failures: unknown[] = [];
  for (const { image } of order) {
    const log = deps.log.with({ image: image.arn.split(":").at(-1) });
    await pruneVersions({ ...deps, image, log }, deadline).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}
