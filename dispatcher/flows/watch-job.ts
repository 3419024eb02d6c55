import { JOB_EXHAUSTED, logEvent } from "../../contract/events.ts";
import type { WatchMessage } from "../../contract/messages.ts";
import { heldByAnother, type JobRecord } from "../core/job.ts";
import { planWatch, type WatchAction } from "../core/plan-watch.ts";
import type { DispatcherDeps, FlowContext, FlowResult } from "./deps.ts";
import { gatherViews } from "./gather-views.ts";
import { JobSession } from "./job-session.ts";
import { resendWatch, scheduleWatch } from "./schedule-watch.ts";
import { supplyOwed } from "./supply-owed.ts";

/**
 * Looks at one job, its runners and its MicroVMs, and puts right what is not: a job without a runner, a MicroVM without a
 * job. Ends when the job is not queued any more and nothing of it is left.
 */
export async function watchJob(deps: DispatcherDeps, context: FlowContext, message: WatchMessage): Promise<FlowResult> {
  const session = await JobSession.open(deps, context, message.jobId);
  const record = session.found;
  if (record === undefined) return { kind: "done" };
  if (heldByAnother(record, context.holder, deps.clock.now())) return { kind: "again", seconds: 10 };
  if (record.watchDue !== message.due) {
    // A stray copy. One that comes back after a failure may have been the last of its chain.
    if (context.retried) await resendWatch(deps, record);
    return { kind: "done" };
  }
  const owed = record.conclusion === undefined ? await supplyOwed(deps, record) : { kind: "none" as const };
  const { job, views, notBeforeSeconds } = await gatherViews(deps, context, record, owed);
  const decision = planWatch({ record, job, views, owed, now: deps.clock.now() });
  for (const action of decision.actions) await act(session, action);
  if (decision.againSeconds !== undefined) {
    await scheduleWatch(session, Math.max(decision.againSeconds, notBeforeSeconds));
  } else {
    context.log.info("job.watched", { launches: record.launches.length });
  }
  return { kind: "done" };
}

// Where somebody else moved the job on, what was decided may not hold any more: the message comes again and looks anew.
async function act(session: JobSession, action: WatchAction): Promise<void> {
  const { deps, context } = session;
  switch (action.kind) {
    case "conclude":
      await session.change((record) => ({ ...record, conclusion: action.conclusion }), { onConflict: "defer" });
      return;
    case "note-swap":
      context.log.info("job.swapped", { launchNumber: action.launchNumber });
      return noteSwap(session, action.launchNumber);
    case "end":
      // GitHub says that it is busy: with another job, then, since this one waits.
      if ((await session.end(action.launchNumber, action.reason)) === "busy") {
        await noteSwap(session, action.launchNumber);
      }
      return;
    case "relaunch":
      context.log.warn("job.relaunched", { reason: action.reason, launches: session.record.launches.length });
      return deps.queue.send(launchMessageOf(session.record));
    case "give-up":
      logEvent(context.log, JOB_EXHAUSTED, { launches: session.record.launches.length });
      return;
  }
}

async function noteSwap(session: JobSession, number: number): Promise<void> {
  const swappedAt = session.deps.clock.now().toISOString();
  await session.changeLaunch(number, (launch) => (launch.swappedAt ? launch : { ...launch, swappedAt }), {
    onConflict: "defer",
  });
}

function launchMessageOf(record: JobRecord) {
  const { jobId, runId, repository, labels, deliveryId, installationId, isPublic } = record;
  return {
    ...{ type: "launch" as const, jobId, runId, repository, labels, deliveryId },
    ...(installationId === undefined ? {} : { installationId }),
    ...(isPublic === undefined ? {} : { isPublic }),
  };
}
