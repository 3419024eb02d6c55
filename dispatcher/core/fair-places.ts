/**
 * Who gets a place when `max_concurrency` is used up: a repository that holds its share of the places yields while
 * another that holds less was refused a moment ago, so that a thousand jobs of one do not starve the single job of
 * another.
 */
import * as v from "valibot";

const milliseconds = v.pipe(v.number(), v.finite(), v.minValue(0));
const byRepository = <T extends v.GenericSchema>(value: T) => v.pipe(v.record(v.string(), value), v.readonly());

export const placesQueue = v.object({
  /** By repository and launch id: when a place was last refused. */
  waiting: byRepository(v.pipe(v.record(v.string(), milliseconds), v.readonly())),
  /** By repository: when one last got a place while others waited. */
  served: byRepository(milliseconds),
});

/** Moments in Unix milliseconds. */
export type PlacesQueue = v.InferOutput<typeof placesQueue>;

export const NOBODY_WAITS: PlacesQueue = { waiting: {}, served: {} };

/** A place among those that may run; the repository is unknown where an older release took it. */
export interface Place {
  launchId: string;
  repository?: string;
}

/** Most places in all and of one repository; `Infinity` sets no bound. */
export interface PlaceBounds {
  limit: number;
  each: number;
}

export interface PlaceAsked extends PlaceBounds {
  launchId: string;
  repository: string;
  /** Those that are taken. */
  places: readonly Place[];
  /** Undefined when it could not be read: then the bounds alone hold. */
  queue: PlacesQueue | undefined;
  nowMs: number;
  /** When it was claimed, and when GitHub last refused it; absent where it was never refused. */
  claimedMs: number;
  refusedMs?: number;
}

export type Ruling = { kind: "take" } | { kind: "wait"; reason: PlaceReason; seconds: number };

/** Why there is no place; `share`: others that have fewer come first. */
export type PlaceReason = "max_concurrency" | "max_concurrency_per_repository" | "share";

/** Nobody yields to a launch that was refused longer ago: it would have asked again. */
const FRESH_MS = 90_000;
/** A launch that waits on says so again after so long. */
const NOTE_MS = 30_000;
/** Bounds of the queue, which is one item: launches of one repository, and repositories. */
const LAUNCHES_NOTED = 20;
const REPOSITORIES_NOTED = 200;
/** How long a launch waits for another to give up its place, and up to half as long more. */
const FULL_SECONDS = 40;
/** A launch to which others yield asks again this soon, for a place that is kept for it stands empty. */
const PROMPT_SECONDS = 3;
/**
 * Or later by this part of what it has waited: where no place comes free for an hour nothing is gained by asking for
 * it.
 */
const PROMPT_PART = 1 / 40;
/**
 * A launch that GitHub refused would not use its place: nobody yields to it for as long as it has been refused, within
 * these.
 */
const REFUSED_MS = { least: 30_000, most: 900_000 };
/** So many of those may ask within one second. */
const PROMPT_PER_SECOND = 10;

interface Claim {
  repository: string;
  held: number;
  /** Launches that wait. */
  waiting: number;
  servedMs: number;
}

/** Whether the launch may take a place now, and after how many seconds it asks again. */
export function ruleOnPlace(asked: PlaceAsked): Ruling {
  const { launchId, repository, places, limit, each } = asked;
  if (places.some((place) => place.launchId === launchId)) return { kind: "take" };
  const own = claimOf(asked, repository);
  const free = limit - places.length;
  const { share, below } = sharesOf(asked);
  if (own.held < each && free > 0 && mayTake(own, below, share, free)) return { kind: "take" };
  return waitForPlace(asked);
}

/** What becomes of a launch that got no place, be it that another was faster. */
export function waitForPlace(asked: PlaceAsked): Extract<Ruling, { kind: "wait" }> {
  const own = claimOf(asked, asked.repository);
  if (own.held >= asked.each || asked.limit === Number.POSITIVE_INFINITY) {
    return { kind: "wait", reason: "max_concurrency_per_repository", seconds: FULL_SECONDS };
  }
  const { share, below } = sharesOf(asked);
  const yields = below.length > 0 && (own.held >= share || asked.places.length < asked.limit);
  const prompt = own.held < share && isEager(asked) && isNoted(asked);
  const waitedSeconds = (asked.nowMs - asked.claimedMs) / 1_000;
  const seconds = prompt ? promptSeconds([own, ...below], share, waitedSeconds) : FULL_SECONDS;
  return { kind: "wait", reason: yields ? "share" : "max_concurrency", seconds };
}

/** Whether others yield to the launch: it would use a place. */
export function isEager({ nowMs, claimedMs, refusedMs }: PlaceAsked): boolean {
  if (refusedMs === undefined) return true;
  return nowMs - refusedMs >= Math.min(REFUSED_MS.most, Math.max(REFUSED_MS.least, refusedMs - claimedMs));
}

/** How many places are one repository's share, and the others that wait and hold less. */
function sharesOf(asked: PlaceAsked): { share: number; below: Claim[] } {
  const others = claims(asked).filter(({ repository }) => repository !== asked.repository);
  const share = Math.min(asked.each, Math.max(1, Math.floor(asked.limit / (others.length + 1))));
  return { share, below: others.filter(({ held }) => held < share) };
}

function mayTake(own: Claim, below: readonly Claim[], share: number, free: number): boolean {
  if (below.length === 0) return true;
  if (own.held >= share) return false;
  // Among those below their share whoever holds least comes first, but no place stands empty that all of these do not
  // need.
  const needed = below
    .filter((other) => comesBefore(other, own))
    .reduce((sum, { waiting, held }) => sum + Math.min(waiting, Math.max(1, own.held - held)), 0);
  return free > needed;
}

function comesBefore(one: Claim, other: Claim): boolean {
  if (one.held !== other.held) return one.held < other.held;
  if (one.servedMs !== other.servedMs) return one.servedMs < other.servedMs;
  return one.repository < other.repository;
}

function promptSeconds(claimants: readonly Claim[], share: number, waitedSeconds: number): number {
  const asking = claimants.reduce((sum, { held, waiting }) => sum + Math.min(waiting, share - held), 0);
  const least = Math.max(
    PROMPT_SECONDS,
    Math.ceil(asking / PROMPT_PER_SECOND),
    Math.floor(waitedSeconds * PROMPT_PART),
  );
  return Math.min(FULL_SECONDS, least);
}

function claims(asked: PlaceAsked): Claim[] {
  return Object.keys(asked.queue?.waiting ?? {})
    .map((repository) => claimOf(asked, repository))
    .filter(({ held, waiting }) => waiting > 0 && held < asked.each);
}

function claimOf({ places, queue, nowMs }: PlaceAsked, repository: string): Claim {
  const holding = new Set(places.map(({ launchId }) => launchId));
  const waiting = Object.entries(queue?.waiting[repository] ?? {}).filter(
    ([launchId, refusedMs]) => isFresh(refusedMs, nowMs) && !holding.has(launchId),
  );
  return {
    repository,
    held: places.filter((place) => place.repository === repository).length,
    waiting: waiting.length,
    servedMs: queue?.served[repository] ?? 0,
  };
}

function isNoted({ queue, repository, launchId, nowMs }: PlaceAsked): boolean {
  return (
    queue !== undefined &&
    noteRefused(queue, { repository, launchId }, nowMs).waiting[repository]?.[launchId] !== undefined
  );
}

// The clocks of two functions may be apart.
function isFresh(refusedMs: number, nowMs: number): boolean {
  return Math.abs(nowMs - refusedMs) < FRESH_MS;
}

/** The launch was refused a place: others yield to it. Beyond the bounds of the queue it is as it was. */
export function noteRefused(queue: PlacesQueue, { repository, launchId }: Required<Place>, nowMs: number): PlacesQueue {
  const { [launchId]: notedMs, ...launches } = queue.waiting[repository] ?? {};
  if (notedMs !== undefined && Math.abs(nowMs - notedMs) < NOTE_MS) return queue;
  const { waiting, served } = withoutStale({ ...queue, waiting: { ...queue.waiting, [repository]: launches } }, nowMs);
  const others = waiting[repository] ?? {};
  const hasRoom =
    Object.keys(others).length < LAUNCHES_NOTED &&
    (repository in waiting || Object.keys(waiting).length < REPOSITORIES_NOTED);
  if (!hasRoom) return queue;
  return { served, waiting: { ...waiting, [repository]: { ...others, [launchId]: nowMs } } };
}

/** The launch got a place: while others wait, its repository comes after those that got none since. */
export function noteServed(queue: PlacesQueue, { repository, launchId }: Required<Place>, nowMs: number): PlacesQueue {
  const rest = withoutStale(forgetLaunch(queue, { repository, launchId }), nowMs);
  const othersWait = Object.keys(rest.waiting).some((name) => name !== repository);
  if (othersWait) return { ...rest, served: { ...rest.served, [repository]: nowMs } };
  return queue.waiting[repository]?.[launchId] === undefined ? queue : rest;
}

/** The launch waits no more. */
export function forgetLaunch(queue: PlacesQueue, { repository, launchId }: Required<Place>): PlacesQueue {
  const { [launchId]: notedMs, ...launches } = queue.waiting[repository] ?? {};
  return notedMs === undefined ? queue : { ...queue, waiting: { ...queue.waiting, [repository]: launches } };
}

function withoutStale({ waiting, served }: PlacesQueue, nowMs: number): PlacesQueue {
  const fresh = Object.entries(waiting).map(
    ([repository, launches]) =>
      [repository, Object.fromEntries(Object.entries(launches).filter(([, atMs]) => isFresh(atMs, nowMs)))] as const,
  );
  return {
    waiting: Object.fromEntries(fresh.filter(([, launches]) => Object.keys(launches).length > 0)),
    served: Object.fromEntries(Object.entries(served).filter(([, atMs]) => nowMs - atMs < SERVED_MS)),
  };
}

/** Longer ago is as good as never: by then every place has changed hands many times. */
const SERVED_MS = 3_600_000;
