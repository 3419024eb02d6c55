import type { ImageVersion } from "./views.ts";

/** All that is known when versions are chosen; each list is whole, because what is missing would seem unused. */
export interface PruneKnowledge {
  versions: readonly ImageVersion[];
  /** Versions of MicroVMs that have not ended. */
  inUse: ReadonlySet<string>;
  /** The versions that launches name; none: they get the latest active one. */
  pinned: readonly string[];
  /** How many of the newest built versions stay, in use or not: at least 1. */
  keep: number;
  /** Versions whose deletion this run has asked for, whatever came of it. */
  asked: ReadonlySet<string>;
  now: Date;
}

/** Each deletion keeps launches waiting while it lasts: so many in one run, the rest in the next. */
export const MAX_DELETIONS = 10;
/** A launch may have got a version just before another took its place, and not be listed yet. */
const GRACE_MS = 24 * 3_600_000;

const TRANSIENT: ReadonlySet<ImageVersion["state"]> = new Set(["PENDING", "IN_PROGRESS", "DELETING"]);

/** Whether no version is being built or deleted; until then the image is UPDATING and nothing can be deleted. */
export function isSettled(versions: readonly ImageVersion[]): boolean {
  return versions.every(({ state }) => !TRANSIENT.has(state));
}

/** Which versions this run is still to delete, one after the other. */
export function planPrune(knowledge: PruneKnowledge): string[] {
  const { inUse, pinned, keep, asked, now } = knowledge;
  if (!isSettled(knowledge.versions)) return [];
  const newestFirst = knowledge.versions.filter(({ state }) => state !== "DELETED").toSorted(byAge);
  const built = newestFirst.filter(({ state }) => state === "SUCCESSFUL");
  const stays = new Set([
    ...built.slice(0, keep).map(({ version }) => version),
    built.find(({ status }) => status === "ACTIVE")?.version,
    ...pinned,
    ...inUse,
  ]);
  const isOver = (version: ImageVersion): boolean => {
    // Nothing is launched from a version that was never built; a built one was the latest until the next was there.
    const since = version.state === "SUCCESSFUL" ? built[built.indexOf(version) - 1] : version;
    return since !== undefined && now.getTime() - since.createdAt.getTime() >= GRACE_MS;
  };
  const over = newestFirst.filter((version) => !stays.has(version.version) && isOver(version));
  // The service refuses to delete an image's last version.
  if (over.length === newestFirst.length) over.shift();
  return over
    .map(({ version }) => version)
    .filter((version) => !asked.has(version))
    .reverse()
    .slice(0, MAX_DELETIONS - Math.min(asked.size, MAX_DELETIONS));
}

// By number where two were made in the same moment: it only ever counts up.
function byAge(a: ImageVersion, b: ImageVersion): number {
  return b.createdAt.getTime() - a.createdAt.getTime() || b.version.localeCompare(a.version, "en", { numeric: true });
}
