import { JOB_EXHAUSTED, JOB_RELAUNCHED, logEvent } from "../../contract/events.ts";
import type { WatchMessage } from "../../contract/messages.ts";
import { INITIAL_DEPLOYMENT, noteWaiting } from "../core/deployment.ts";
import { withGone, withoutGone } from "../core/gone.ts";
import { heldByAnother, type JobRecord, latestLaunch } from "../core/job.ts";
import { planWatch, type WatchAction } from "../core/plan-watch.ts";
import { wastedInARow } from "../core/relaunch.ts";
import { type Owed, secondsSince } from "../core/supply.ts";
import { DispatcherError } from "../errors.ts";
import type { DispatcherDeps, FlowContext, FlowResult } from "./deps.ts";
import { gatherViews } from "./gather-views.ts";
import { JobSession } from "./job-session.ts";
import { noteGivenJobs } from "./note-given.ts";
import { mayProbe } from "./probe.ts";
import { resendWatch, scheduleWatch, sendSpareWatch } from "./schedule-watch.ts";
import { supplyOwed } from "./supply-owed.ts";
import { tellWaiting } from "./tell-waiting.ts";

/** What could not be ended is tried again after so long. */
const RETRY_SECONDS = 60;
/** GitHub removes a single-use runner that is offline by itself after a day (GitHub, self-hosted runner reference). */
const RUNNER_LEFT_SECONDS = 24 * 3_600;

/**
 * Looks at one job, its runners and its MicroVMs, and puts right what is not: a job without a runner, a MicroVM without
 * a job. Ends when the job is not queued any more and nothing of it is left.
 */
export async function watchJob(deps: DispatcherDeps, context: FlowContext, message: WatchMessage): Promise<FlowResult> {
  const session = await JobSession.open(deps, context, message.jobId);
  const record = session.found;
  if (record === undefined) return { kind: "done" };
  const now = deps.clock.now();
  if (heldByAnother(record, context.holder, now)) return { kind: "again", seconds: 10 };
  if (record.watchDue !== message.due) {
    // A stray copy. One that comes back after a failure may have been the last of its chain.
    if (context.retried) await sendSpareWatch(deps, record);
    return { kind: "done" };
  }
  if (message.early && secondsSince(message.due, now) < -EARLY_SECONDS) {
    await resendWatch(deps, record);
    return { kind: "done" };
  }
  const owed: Owed = record.conclusion === undefined ? await supplyOwed(deps, record) : { kind: "none" };
  const deployment = mayHaveToWait(record) ? await deps.deployment.read() : INITIAL_DEPLOYMENT;
  const { job, views, notBeforeSeconds } = await gatherViews(deps, context, record, { owed, deployment });
  await noteGivenJobs(session, views);
  await noteLook(session, { owed, known: typeof job === "object" });
  const decision = planWatch({ record: session.record, job, views, owed, deployment, now });
  let failed = false;
  for (const action of decision.actions) failed = !(await carryOut(session, action)) || failed;
  const againSeconds = failed ? Math.min(decision.againSeconds ?? RETRY_SECONDS, RETRY_SECONDS) : decision.againSeconds;
  if (againSeconds === undefined) context.log.info("job.watched", { launches: latestLaunch(record)?.number ?? 0 });
  else await scheduleWatch(session, Math.max(againSeconds, notBeforeSeconds), message.due);
  return { kind: "done" };
}

/** A message that is early by less is on time. */
const EARLY_SECONDS = 2;

function mayHaveToWait(record: JobRecord): boolean {
  return record.conclusion === undefined && record.launches.every(({ state }) => state === "ended");
}

// What one look leaves for the next: that GitHub knows the job, how far the swaps were followed, and that the record is
// of use.
async function noteLook(session: JobSession, { owed, known }: { owed: Owed; known: boolean }): Promise<void> {
  await session.change(
    (record) => {
      const { owedPlace: before, ...rest } = known ? withoutGone(record) : record;
      const place = owed.kind === "unknown" ? owed.place : undefined;
      if (before === undefined && place === undefined) return known ? withoutGone(record) : record;
      return place === undefined ? rest : { ...rest, owedPlace: place };
    },
    { onConflict: "defer" },
  );
}

// What GitHub or the service refuses is tried again with the next look: the chain of looks goes on as long as a launch
// lives. Returns whether the next look may come when it was planned.
async function carryOut(session: JobSession, action: WatchAction): Promise<boolean> {
  try {
    await act(session, action);
    return true;
  } catch (error: unknown) {
    if (!(error instanceof DispatcherError) || (action.kind !== "end" && action.kind !== "remove-runner")) throw error;
    const { name, message } = error;
    session.context.log.warn("launch.end_failed", { launchNumber: action.launchNumber, error: name, message });
    return action.kind === "remove-runner";
  }
}

// Where somebody else moved the job on, what was decided may not hold any more: the message comes again and looks anew.
async function act(session: JobSession, action: WatchAction): Promise<void> {
  const { context, deps } = session;
  const now = deps.clock.now();
  switch (action.kind) {
    case "conclude":
      await session.change((record) => ({ ...record, conclusion: action.conclusion, untold: true }), {
        onConflict: "defer",
      });
      return;
    case "note-gone":
      await session.change((record) => withGone(record, now), { onConflict: "defer" });
      return;
    case "note-swap":
      context.log.info("job.swapped", { launchNumber: action.launchNumber });
      return note(session, action.launchNumber, "swappedAt");
    case "note-idle":
      return note(session, action.launchNumber, "idleAt");
    case "end":
      // GitHub says that it is busy: with another job, then, since this one waits.
      if ((await session.end(action.launchNumber, action.reason, action)) === "busy") {
        await note(session, action.launchNumber, "swappedAt");
      }
      return;
    case "remove-runner":
      return removeLeftRunner(session, action.launchNumber);
    case "relaunch":
      return relaunch(session, action);
    case "resend":
      await relaunch(session, { reason: "stalled" });
      await session.changeLaunch(action.launchNumber, (launch) => ({ ...launch, resentAt: now.toISOString() }), {
        onConflict: "reread",
      });
      return;
    case "wait-turn": {
      const { jobId, createdAt, queuedAt } = session.record;
      const waiting = { jobId, sinceMs: new Date(createdAt).getTime() };
      const state = await deps.deployment.update((before) => noteWaiting(before, waiting, now.getTime()));
      tellWaiting(context.log, { type: "watch", since: queuedAt ?? createdAt }, { kind: "again", reason: "turn" }, now);
      if (await mayProbe(deps, state, jobId)) await relaunch(session, { reason: "probe", cause: "probe" });
      return;
    }
    case "tell":
      logEvent(context.log, JOB_EXHAUSTED, { launches: latestLaunch(session.record)?.number ?? 0 });
      await session.change((record) => ({ ...record, exhaustedAt: now.toISOString() }), { onConflict: "defer" });
      return;
  }
}

async function note(session: JobSession, number: number, moment: "swappedAt" | "idleAt"): Promise<void> {
  const at = session.deps.clock.now().toISOString();
  await session.changeLaunch(number, (launch) => (launch[moment] ? launch : { ...launch, [moment]: at }), {
    onConflict: "defer",
  });
}

async function removeLeftRunner(session: JobSession, number: number): Promise<void> {
  const { microvmId, claimedAt, endedAt } = session.launch(number);
  const since = microvmId === undefined ? claimedAt : endedAt;
  const isForgotten = secondsSince(since, session.deps.clock.now()) >= RUNNER_LEFT_SECONDS;
  if (!isForgotten && (await session.removeRunner(number)) === "busy") return;
  await session.changeLaunch(number, ({ runnerLeft: _, ...launch }) => launch, { onConflict: "defer" });
}

async function relaunch(
  { deps, context, record }: JobSession,
  { reason, cause }: { reason: string; cause?: "probe" | "recovery" },
): Promise<void> {
  const after = latestLaunch(record)?.number ?? 0;
  logEvent(context.log, JOB_RELAUNCHED, { reason, launches: after, wasted: wastedInARow(record) });
  const { jobId, runId, repository, labels, deliveryId, installationId, isPublic, queuedAt, createdAt } = record;
  await deps.queue.send({
    ...{ type: "launch", jobId, runId, repository, labels, deliveryId, since: queuedAt ?? createdAt },
    ...(installationId === undefined ? {} : { installationId }),
    ...(isPublic === undefined ? {} : { isPublic }),
    relaunch: cause === undefined ? { after } : { cause, after },
  });
}
