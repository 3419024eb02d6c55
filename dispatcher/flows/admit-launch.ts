import type { PlaceReason } from "../core/fair-places.ts";
import { type Launch, launchIdOf, released, withLaunch } from "../core/job.ts";
import type { Slot } from "../core/pace.ts";
import { type DispatcherError, ThrottledError, TransientError } from "../errors.ts";
import { classOfLaunch } from "./class-of-launch.ts";
import type { DispatcherDeps, FlowResult } from "./deps.ts";
import { admitPastHold } from "./held-launches.ts";
import type { JobSession } from "./job-session.ts";
import { givePlaceBack, takePlace } from "./take-place.ts";

/** How long nobody calls RunMicrovm after it was refused for want of room. */
const NO_ROOM_SECONDS = 20;

/**
 * Slows everybody down after the service refused a launch for its rate, or stops them for a while when it has no room.
 * `epoch`: of the launch's moment.
 */
export async function yieldToOthers(deps: DispatcherDeps, error: DispatcherError, epoch: number): Promise<void> {
  if (!(error instanceof ThrottledError)) return;
  const now = deps.clock.now();
  const { reason, retryAfterSeconds = NO_ROOM_SECONDS } = error;
  if (reason === "rate") return deps.pace.slowDown(now, epoch);
  const blockedFor = reason === "quota" || reason === "capacity" || reason === "image" ? reason : undefined;
  await deps.pace.block(new Date(now.getTime() + retryAfterSeconds * 1_000), blockedFor);
}

/** A launch looks so often whether it may go on, two minutes to three. */
const PAUSED: FlowResult = { kind: "again", seconds: 120, reason: "paused" };

/** A moment so near is waited for; for a later one the message goes back to the queue. */
const NEAR_MS = 2_000;

/**
 * Gets the launch a place among those that may run and the moment for its call. Returns what becomes of the message
 * when it has to wait, and when the moment has come, the epoch in which that was given.
 */
export async function admitLaunch(
  session: JobSession,
  number: number,
): Promise<FlowResult | { kind: "now"; epoch: number }> {
  const { deps } = session;
  if (deps.environment.PAUSED) {
    await putOff(session, number, { slotAt: deps.clock.now().toISOString() });
    return PAUSED;
  }
  const launchId = launchIdOf(session.jobId, number);
  const asker = { launchId, repository: session.record.repository };
  const launch = session.launch(number);
  const { claimedAt, refusedAt } = launch;
  const placed = {
    ...asker,
    claimedMs: new Date(claimedAt).getTime(),
    ...(refusedAt === undefined ? {} : { refusedMs: new Date(refusedAt).getTime() }),
  };
  const place = await takePlace(session, placed, await classOfLaunch(deps, launch));
  if (place.kind === "wait") {
    await putOff(session, number, { slotAt: deps.clock.now().toISOString(), waitsFor: place.reason });
    return { kind: "again", seconds: place.seconds, reason: place.reason };
  }
  const now = deps.clock.now();
  const slot = await momentFor(session, number, now).catch(whenPaused);
  if ("kind" in slot) {
    await givePlaceBack(session, asker, launch.class);
    await putOff(session, number, { slotAt: now.toISOString() });
    return slot;
  }
  const waitMs = slot.atMs - now.getTime();
  if (waitMs <= NEAR_MS) {
    await deps.sleep(Math.max(0, waitMs));
    return { kind: "now", epoch: slot.epoch };
  }
  await putOff(session, number, { slotAt: new Date(slot.atMs).toISOString(), slotEpoch: slot.epoch });
  return { kind: "again", seconds: Math.floor(waitMs / 1_000), exactly: true, reason: slot.blockedFor ?? "rate" };
}

function whenPaused(error: unknown): FlowResult {
  if (error instanceof ThrottledError && error.reason === "paused") return PAUSED;
  throw error;
}

// The hold is an item of its own, which is read only where the pace tells of one.
async function momentFor(session: JobSession, number: number, now: Date): Promise<Slot | FlowResult> {
  const { pace } = session.deps;
  const launch = session.launch(number);
  // One that was let through before had to wait for its moment.
  const pastHold = launch.probesHold === true;
  const slot = await pace.admit(now, slotOf(launch), pastHold);
  if (slot !== undefined) return slot;
  const past = await admitPastHold(session, launch);
  if (past.wait) return past.wait;
  if (past.probes) {
    const probe = (old: Launch): Launch => ({ ...old, probesHold: true });
    await session.change((record) => withLaunch(record, number, probe), { onConflict: "reread" });
  }
  const passed = await pace.admit(now, slotOf(launch), true);
  if (passed === undefined) throw new TransientError("the pace gave a launch that is not held no moment");
  return passed;
}

function slotOf({ slotAt, slotEpoch }: Launch): Slot | undefined {
  if (slotAt === undefined || slotEpoch === undefined) return undefined;
  return { atMs: new Date(slotAt).getTime(), epoch: slotEpoch };
}

async function putOff(
  session: JobSession,
  number: number,
  slot: { slotAt: string; slotEpoch?: number; waitsFor?: PlaceReason },
): Promise<void> {
  const { holder } = session.context;
  await session.change(
    (record) =>
      withLaunch(released(record, holder), number, ({ slotEpoch: _, waitsFor: __, ...launch }) => ({
        ...launch,
        ...slot,
      })),
    { onConflict: "reread" },
  );
}
