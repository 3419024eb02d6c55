/**
 * Launches are held while GitHub refuses the runner of the image: each MicroVM would be wasted. One item of the jobs
 * table, which all workers share.
 */
import * as v from "valibot";

const milliseconds = v.pipe(v.number(), v.finite(), v.minValue(0));

export const runnerHold = v.object({
  /** The version whose MicroVMs' runner was refused; absent: none was. */
  imageVersion: v.exactOptional(v.string()),
  /** Launches whose runner was refused with that version: two are enough to hold the others. */
  launchIds: v.pipe(v.array(v.string()), v.readonly()),
  /** GitHub itself calls that runner refused: one launch was enough. */
  known: v.boolean(),
  /** Unix time in milliseconds: the last refusal. */
  refusedMs: milliseconds,
  /** Unix time in milliseconds: when the last launch was let through to see whether it is still refused. */
  probedMs: milliseconds,
});

export type RunnerHold = v.InferOutput<typeof runnerHold>;

export const NO_HOLD: RunnerHold = { launchIds: [], known: false, refusedMs: 0, probedMs: 0 };

/** One launch is let through in so long. */
export const PROBE_MS = 10 * 60_000;
/** One MicroVM alone may be mistaken. */
const LAUNCHES_TO_HOLD = 2;

/** The state after the runner of a launch was refused; `known`: GitHub itself calls it so. */
export function noteRefused(
  hold: RunnerHold,
  refused: { imageVersion: string; launchId: string; known: boolean },
  nowMs: number,
): RunnerHold {
  const { imageVersion, launchId } = refused;
  const same = hold.imageVersion === imageVersion ? hold : NO_HOLD;
  return {
    imageVersion,
    launchIds: [...new Set([...same.launchIds, launchId])].slice(-LAUNCHES_TO_HOLD),
    known: same.known || refused.known,
    refusedMs: nowMs,
    // The first probe waits its time from here; the launch that was a probe itself began it.
    probedMs: isHolding(same) ? same.probedMs : nowMs,
  };
}

/** The state after a MicroVM was launched from this version: another one than the refused ends the hold. */
export function noteVersion(hold: RunnerHold, imageVersion: string): RunnerHold {
  return hold.imageVersion === undefined || hold.imageVersion === imageVersion ? hold : NO_HOLD;
}

/** The state after a runner of this version was given a job: it is not refused. */
export function noteServed(hold: RunnerHold, imageVersion: string): RunnerHold {
  return hold.imageVersion === imageVersion ? NO_HOLD : hold;
}

/** Whether launches wait. */
export function isHolding({ imageVersion, launchIds, known }: RunnerHold): boolean {
  return imageVersion !== undefined && (known || launchIds.length >= LAUNCHES_TO_HOLD);
}

/** What a launch has to do: go on, go on as the one that tries, or wait. */
export function admitHeld(hold: RunnerHold, nowMs: number): { admitted: boolean; hold: RunnerHold } {
  if (!isHolding(hold)) return { admitted: true, hold };
  if (nowMs - hold.probedMs < PROBE_MS) return { admitted: false, hold };
  return { admitted: true, hold: { ...hold, probedMs: nowMs } };
}
