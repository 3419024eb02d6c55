import {
  forgetLaunch,
  isEager,
  noteRefused,
  noteServed,
  type Place,
  type PlaceAsked,
  type PlaceBounds,
  type PlacesQueue,
  type Ruling,
  ruleOnPlace,
  waitForPlace,
} from "../core/fair-places.ts";
import type { RunnerClass } from "../core/runner-classes.ts";
import { parseLaunchId } from "../core/runner-name.ts";
import { DispatcherError } from "../errors.ts";
import type { Capacity, Cell } from "../ports.ts";
import type { DispatcherDeps, FlowContext } from "./deps.ts";

/** Who asks. */
interface Asker {
  deps: DispatcherDeps;
  context: FlowContext;
}

/** Places that are counted: of all launches, or of those of one class. */
type Counted = Pick<DispatcherDeps, "capacity" | "placesQueue"> & { bounds: PlaceBounds };

// A full class comes first: a launch of it takes no place that others could have.
function countedFor({ deps }: Asker, runnerClass: RunnerClass | undefined): Counted[] {
  const ofAll = boundsOf(deps);
  const ofClass = runnerClass !== undefined && runnerClass.maxConcurrency > 0 ? runnerClass : undefined;
  return [
    ...(ofClass === undefined
      ? []
      : [
          {
            ...deps.placesOfClass(ofClass.name),
            bounds: { limit: ofClass.maxConcurrency, each: Number.POSITIVE_INFINITY },
          },
        ]),
    ...(ofAll === undefined ? [] : [{ capacity: deps.capacity, placesQueue: deps.placesQueue, bounds: ofAll }]),
  ];
}

// Undefined where places are not counted.
function boundsOf({ environment }: DispatcherDeps): PlaceBounds | undefined {
  const [limit, each] = [environment.MAX_CONCURRENCY, environment.MAX_CONCURRENCY_PER_REPOSITORY];
  if (limit === 0 && each === 0) return undefined;
  return { limit: limit || Number.POSITIVE_INFINITY, each: each || Number.POSITIVE_INFINITY };
}

/** The launch that is to have a place. */
type PlacedLaunch = Required<Place> & Pick<PlaceAsked, "claimedMs" | "refusedMs">;

/** Gets the launch a place among those that may run, if it is its turn; there is always one where no bound is set. */
export async function takePlace(
  asker: Asker,
  launch: PlacedLaunch,
  runnerClass: RunnerClass | undefined,
): Promise<Ruling> {
  const taken: Counted[] = [];
  for (const counted of countedFor(asker, runnerClass)) {
    const ruling = await takeOne(asker, counted, launch);
    if (ruling.kind === "wait") {
      for (const { capacity } of taken) await capacity.release(launch);
      return ruling;
    }
    taken.push(counted);
  }
  return { kind: "take" };
}

async function takeOne(asker: Asker, counted: Counted, launch: PlacedLaunch): Promise<Ruling> {
  const { deps } = asker;
  const { capacity, placesQueue } = counted;
  const places = await capacity.holders();
  const first = await askForPlace(asker, counted, launch, places);
  const freed = first.ruling.kind === "wait" ? await freeForgotten(deps, capacity, places) : 0;
  const { ruling, asked } = freed > 0 ? await askForPlace(asker, counted, launch, await capacity.holders()) : first;
  const nowMs = deps.clock.now().getTime();
  if (ruling.kind === "take") await changeQueue(asker, placesQueue, (before) => noteServed(before, launch, nowMs));
  else if (ruling.reason !== "max_concurrency_per_repository" && isEager(asked)) {
    await changeQueue(asker, placesQueue, (before) => noteRefused(before, launch, nowMs));
  }
  return ruling;
}

/** Gives back the places of a launch, which waits for none either. */
export async function givePlaceBack(
  asker: Asker,
  launch: Required<Place>,
  className: string | undefined,
): Promise<void> {
  const { deps } = asker;
  if (className !== undefined) await deps.placesOfClass(className).capacity.release(launch);
  if (boundsOf(deps) === undefined) return;
  await deps.capacity.release(launch);
  await changeQueue(asker, deps.placesQueue, (before) => forgetLaunch(before, launch));
}

async function askForPlace(
  asker: Asker,
  { capacity, placesQueue, bounds }: Counted,
  launch: PlacedLaunch,
  places: readonly Place[],
): Promise<{ ruling: Ruling; asked: PlaceAsked }> {
  const queue = await readQueue(asker, placesQueue);
  const asked = { ...launch, ...bounds, places, queue, nowMs: asker.deps.clock.now().getTime() };
  const ruling = ruleOnPlace(asked);
  if (ruling.kind === "wait" || (await capacity.acquire(launch, bounds))) return { ruling, asked };
  return { ruling: waitForPlace(asked), asked };
}

// A place whose launch has ended, or whose record the table forgot, was not given back by whoever should have.
async function freeForgotten(deps: DispatcherDeps, capacity: Capacity, places: readonly Place[]): Promise<number> {
  let freed = 0;
  // Each attempt looks at others of them, so that all are looked at in time.
  const first = Math.floor(deps.clock.now().getTime() / 1_000) % Math.max(1, places.length);
  for (const place of [...places.slice(first), ...places].slice(0, PLACES_LOOKED_AT)) {
    const id = parseLaunchId(place.launchId);
    const record = id && (await deps.jobs.get(id.jobId));
    const launch = record?.launches.find((candidate) => candidate.number === id?.launchNumber);
    if (launch !== undefined && launch.state !== "ended") continue;
    await capacity.release(place);
    freed++;
  }
  return freed;
}

/** Bounds what one waiting launch reads. */
const PLACES_LOOKED_AT = 3;

async function readQueue({ context }: Asker, queue: Cell<PlacesQueue>): Promise<PlacesQueue | undefined> {
  try {
    return await queue.read();
  } catch (error: unknown) {
    if (!(error instanceof DispatcherError)) throw error;
    context.log.warn("places.queue_unknown", { error: error.name, message: error.message });
    return undefined;
  }
}

// Without it others do not yield to this launch for a while, and it takes its chance with them.
async function changeQueue(
  { context }: Asker,
  queue: Cell<PlacesQueue>,
  change: (before: PlacesQueue) => PlacesQueue,
): Promise<void> {
  try {
    await queue.update(change);
  } catch (error: unknown) {
    if (!(error instanceof DispatcherError)) throw error;
    context.log.warn("places.queue_not_written", { error: error.name, message: error.message });
  }
}
