import {
  forgetLaunch,
  noteRefused,
  noteServed,
  type Place,
  type PlaceBounds,
  type PlacesQueue,
  type Ruling,
  ruleOnPlace,
  waitForPlace,
} from "../core/fair-places.ts";
import { parseLaunchId } from "../core/runner-name.ts";
import { DispatcherError } from "../errors.ts";
import type { DispatcherDeps, FlowContext } from "./deps.ts";

/** Who asks. */
interface Asker {
  deps: DispatcherDeps;
  context: FlowContext;
}

// Undefined where places are not counted.
function boundsOf({ environment }: DispatcherDeps): PlaceBounds | undefined {
  const [limit, each] = [environment.MAX_CONCURRENCY, environment.MAX_CONCURRENCY_PER_REPOSITORY];
  if (limit === 0 && each === 0) return undefined;
  return { limit: limit || Number.POSITIVE_INFINITY, each: each || Number.POSITIVE_INFINITY };
}

/** Gets the launch a place among those that may run, if it is its turn; there is always one where no bound is set. */
export async function takePlace(asker: Asker, launch: Required<Place>): Promise<Ruling> {
  const { deps } = asker;
  const bounds = boundsOf(deps);
  if (bounds === undefined) return { kind: "take" };
  const places = await deps.capacity.holders();
  const first = await askForPlace(asker, launch, bounds, places);
  const freed = first.kind === "wait" ? await freeForgotten(deps, places) : 0;
  const ruling = freed > 0 ? await askForPlace(asker, launch, bounds, await deps.capacity.holders()) : first;
  const nowMs = deps.clock.now().getTime();
  if (ruling.kind === "take") await changeQueue(asker, (queue) => noteServed(queue, launch, nowMs));
  else if (ruling.reason !== "max_concurrency_per_repository") {
    await changeQueue(asker, (queue) => noteRefused(queue, launch, nowMs));
  }
  return ruling;
}

/** Gives back the place of a launch, which waits for none either. */
export async function givePlaceBack(asker: Asker, launch: Required<Place>): Promise<void> {
  const { deps } = asker;
  if (boundsOf(deps) === undefined) return;
  await deps.capacity.release(launch);
  await changeQueue(asker, (queue) => forgetLaunch(queue, launch));
}

async function askForPlace(
  asker: Asker,
  launch: Required<Place>,
  bounds: PlaceBounds,
  places: readonly Place[],
): Promise<Ruling> {
  const { deps } = asker;
  const queue = await readQueue(asker);
  const asked = { ...launch, ...bounds, places, queue, nowMs: deps.clock.now().getTime() };
  const ruling = ruleOnPlace(asked);
  if (ruling.kind === "wait" || (await deps.capacity.acquire(launch, bounds))) return ruling;
  return waitForPlace(asked);
}

// A place whose launch has ended, or whose record the table forgot, was not given back by whoever should have.
async function freeForgotten(deps: DispatcherDeps, places: readonly Place[]): Promise<number> {
  let freed = 0;
  // Each attempt looks at others of them, so that all are looked at in time.
  const first = Math.floor(deps.clock.now().getTime() / 1_000) % Math.max(1, places.length);
  for (const place of [...places.slice(first), ...places].slice(0, PLACES_LOOKED_AT)) {
    const id = parseLaunchId(place.launchId);
    const record = id && (await deps.jobs.get(id.jobId));
    const launch = record?.launches.find((candidate) => candidate.number === id?.launchNumber);
    if (launch !== undefined && launch.state !== "ended") continue;
    await deps.capacity.release(place);
    freed++;
  }
  return freed;
}

/** Bounds what one waiting launch reads. */
const PLACES_LOOKED_AT = 3;

async function readQueue({ deps, context }: Asker): Promise<PlacesQueue | undefined> {
  try {
    return await deps.placesQueue.read();
  } catch (error: unknown) {
    if (!(error instanceof DispatcherError)) throw error;
    context.log.warn("places.queue_unknown", { error: error.name, message: error.message });
    return undefined;
  }
}

// Without it others do not yield to this launch for a while, and it takes its chance with them.
async function changeQueue({ deps, context }: Asker, change: (queue: PlacesQueue) => PlacesQueue): Promise<void> {
  try {
    await deps.placesQueue.update(change);
  } catch (error: unknown) {
    if (!(error instanceof DispatcherError)) throw error;
    context.log.warn("places.queue_not_written", { error: error.name, message: error.message });
  }
}
