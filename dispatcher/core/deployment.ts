/**
 * What all jobs of a deployment know together, in one small item of the table: whether GitHub gives jobs to its runners
 * at all. An incident of GitHub shows in all jobs alike, and so does its end.
 */
import * as v from "valibot";

const milliseconds = v.pipe(v.number(), v.finite(), v.minValue(0));
const id = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

export const deploymentState = v.object({
  /** The latest launch that was given a job was launched at this moment. */
  givenMs: milliseconds,
  /**
   * The last time that GitHub gave none for a while: from the latest launch given a job before, until it was seen to
   * end.
   */
  gap: v.exactOptional(v.object({ fromMs: milliseconds, toMs: milliseconds })),
  /** The job that has waited longest after its runner got nothing, and when it last said so. */
  longest: v.exactOptional(
    v.object({ jobId: id, sinceMs: milliseconds, waitingMs: milliseconds, seenMs: milliseconds }),
  ),
  /** When another one last said so: a job that waits alone may have a reason of its own. */
  othersMs: v.exactOptional(milliseconds),
  /** When the last launch was made only to see whether GitHub gives jobs again. */
  probedMs: milliseconds,
  /** By repository that the App does not reach: when that was last logged. */
  unreachable: v.pipe(v.record(v.string(), milliseconds), v.readonly()),
  /** By image, `default` or a class's own by name: the version whose runner was last given a job. */
  served: v.exactOptional(v.pipe(v.record(v.string(), v.string()), v.readonly())),
});

/** Moments in Unix milliseconds. */
export type DeploymentState = v.InferOutput<typeof deploymentState>;

export const INITIAL_DEPLOYMENT: DeploymentState = { givenMs: 0, probedMs: 0, unreachable: {} };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** When GitHub has given no job for so long, the next one that it gives says that it does so again. */
const GAP_MS = 5 * MINUTE_MS;
/** Within so much the state need not follow: half a gap would be too much. */
const GIVEN_PRECISION_MS = MINUTE_MS;
/** A job that has waited longest says so with each look; one that is silent for so long waits no more. */
const SILENT_MS = 12 * MINUTE_MS;
/** Of the others it is enough to know so much. */
const OTHERS_PRECISION_MS = 5 * MINUTE_MS;
/** When no job has said for so long that it waits, the next that does is the first of another incident. */
const OVER_MS = 30 * MINUTE_MS;
/** One launch for the whole deployment in so long. */
export const PROBE_MS = 15 * MINUTE_MS;

/** A launch made at `launchedMs` was seen to have been given a job. */
export function noteGiven(state: DeploymentState, launchedMs: number, nowMs: number): DeploymentState {
  if (launchedMs <= state.givenMs + GIVEN_PRECISION_MS) return state;
  const waits = state.othersMs !== undefined && nowMs - state.othersMs < SILENT_MS;
  const ended = waits && launchedMs - state.givenMs >= GAP_MS;
  return { ...state, givenMs: launchedMs, ...(ended ? { gap: { fromMs: state.givenMs, toMs: nowMs } } : {}) };
}

/** The runner of a MicroVM of this version was given a job. */
export function noteServedVersion(state: DeploymentState, image: string, version: string): DeploymentState {
  if (state.served?.[image] === version) return state;
  return { ...state, served: { ...state.served, [image]: version } };
}

/** A job waits after its runner got nothing: whether it is the one that has waited longest, since `sinceMs`. */
export function noteWaiting(
  state: DeploymentState,
  { jobId, sinceMs }: { jobId: number; sinceMs: number },
  nowMs: number,
): DeploymentState {
  const { longest } = state;
  const own = longest?.jobId === jobId;
  const isFree = longest === undefined || nowMs - longest.seenMs >= SILENT_MS || sinceMs < longest.sinceMs;
  if (!own && !isFree)
    return nowMs - (state.othersMs ?? 0) < OTHERS_PRECISION_MS ? state : { ...state, othersMs: nowMs };
  // The first job to wait begins the time after which GitHub is probed.
  const goesOn = longest !== undefined && nowMs - longest.seenMs < OVER_MS;
  return {
    ...state,
    longest: { jobId, sinceMs, waitingMs: goesOn ? longest.waitingMs : nowMs, seenMs: nowMs },
  };
}

/** Whether a launch is to be made for this job only to see whether GitHub gives jobs again. */
export function isProbeDue(state: DeploymentState, jobId: number, nowMs: number): boolean {
  if (state.longest?.jobId !== jobId) return false;
  return nowMs - Math.max(state.givenMs, state.probedMs, state.longest.waitingMs) >= PROBE_MS;
}

/** The App does not reach a repository: whether that is to be logged, which is done once an hour. */
export function noteUnreachable(state: DeploymentState, repository: string, nowMs: number): DeploymentState {
  const recent = Object.entries(state.unreachable).filter(([, atMs]) => nowMs - atMs < HOUR_MS);
  if (recent.some(([name]) => name === repository)) return state;
  return { ...state, unreachable: { ...Object.fromEntries(recent), [repository]: nowMs } };
}
