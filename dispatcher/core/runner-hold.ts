/**
 * Launches are held while GitHub refuses the runner of the image: each MicroVM would be wasted. One item of the jobs table,
 * which all workers share.
 */
import * as v from "valibot";

const milliseconds = v.pipe(v.number(), v.finite(), v.minValue(0));

export const runnerHold = v.object({
  /** The version whose MicroVMs' runner was refused; absent: none was. */
  imageVersion: v.exactOptional(v.string()),
  /** Jobs whose launches were refused with that version: two are enough to hold the others. */
  jobIds: v.pipe(v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(1))), v.readonly()),
  /** Unix time in milliseconds: the last refusal. */
  refusedMs: milliseconds,
  /** Unix time in milliseconds: when the last launch was let through to see whether it is still refused. */
  probedMs: milliseconds,
});

export type RunnerHold = v.InferOutput<typeof runnerHold>;

export const NO_HOLD: RunnerHold = { jobIds: [], refusedMs: 0, probedMs: 0 };

/** One launch is let through in so long. */
export const PROBE_MS = 10 * 60_000;
/** One job alone may be mistaken, or lie. */
const JOBS_TO_HOLD = 2;

/** The state after a launch of `jobId` with this version was refused; `known`: GitHub itself calls its runner refused. */
export function noteRefused(
  hold: RunnerHold,
  refused: { imageVersion: string; jobId: number; known: boolean },
  nowMs: number,
): RunnerHold {
  const same = hold.imageVersion === refused.imageVersion ? hold : NO_HOLD;
  const jobIds = [...new Set([...same.jobIds, refused.jobId])].slice(0, JOBS_TO_HOLD);
  // Where GitHub's own date is past, one refusal says it all.
  const sure = refused.known
    ? Array.from({ length: JOBS_TO_HOLD }, (_, index) => jobIds[index] ?? refused.jobId)
    : jobIds;
  return {
    imageVersion: refused.imageVersion,
    jobIds: sure,
    refusedMs: nowMs,
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
export function isHolding({ imageVersion, jobIds }: RunnerHold): boolean {
  return imageVersion !== undefined && jobIds.length >= JOBS_TO_HOLD;
}

/** What a launch has to do: go on, go on as the one that tries, or wait. */
export function admitHeld(hold: RunnerHold, nowMs: number): { admitted: boolean; hold: RunnerHold } {
  if (!isHolding(hold)) return { admitted: true, hold };
  if (nowMs - hold.probedMs < PROBE_MS) return { admitted: false, hold };
  return { admitted: true, hold: { ...hold, probedMs: nowMs } };
}
