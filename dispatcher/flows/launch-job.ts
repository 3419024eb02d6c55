import type { LaunchMessage } from "../../contract/messages.ts";
import { isForksPullRequest } from "../core/fork.ts";
import { type JobRecord, type Launch, latestLaunch } from "../core/job.ts";
import { type LaunchKnowledge, planLaunch, type Serving } from "../core/plan-launch.ts";
import { chooseClass, type OutOfScope, scopeOf } from "../core/scope.ts";
import type { JobView } from "../core/views.ts";
import { DispatcherError, NotInstalledError, TransientError } from "../errors.ts";
import { admitLaunch } from "./admit-launch.ts";
import type { DispatcherDeps, FlowContext, FlowResult } from "./deps.ts";
import { abandon, noteNotInstalled, settleFailedLaunch } from "./fail-launch.ts";
import { JobSession } from "./job-session.ts";
import { registerLaunch } from "./register-launch.ts";
import { runLaunch } from "./run-launch.ts";
import { placeOfJob, placeOfRunner } from "./runner-place.ts";
import { ensureWatch } from "./schedule-watch.ts";

/** An attempt whose call was refused so often for its rate leaves the next to another. */
const MAX_REFUSALS = 4;
const REFUSED_SECONDS = 5;

/** More steps than any path through the plan has: reaching it is a defect, not a long job. */
const MAX_STEPS = 20;

/**
 * Gives a queued job its MicroVM: claim, register, store what RunMicrovm will be called with, call it, record the MicroVM.
 * Each step is written before the next is taken, so the message can be handled again from wherever an attempt ended.
 */
export async function launchJob(
  deps: DispatcherDeps,
  context: FlowContext,
  message: LaunchMessage,
): Promise<FlowResult> {
  try {
    return await advance(await JobSession.open(deps, context, message.jobId), message);
  } catch (error: unknown) {
    return settleFailedLaunch(deps, context, message, error);
  }
}

async function advance(session: JobSession, message: LaunchMessage): Promise<FlowResult> {
  const { deps, context } = session;
  const chosen = chooseServing(deps, message);
  const serving = typeof chosen === "string" ? undefined : chosen;
  const refuse = (): FlowResult => {
    if (typeof chosen === "string") context.log.warn("job.refused", { reason: chosen });
    return { kind: "done" };
  };
  // One that was launched for before goes on as it was begun, whatever is served now.
  if (serving === undefined && session.found === undefined) return refuse();
  if (await isRefusedAsFork(session, message, serving)) {
    context.log.warn("job.refused", { reason: "fork" });
    return { kind: "done" };
  }
  let job: LaunchKnowledge["job"];
  let admitted: { epoch: number } | undefined;
  let refusals = 0;
  for (let count = 0; count < MAX_STEPS; count++) {
    const step = planLaunch({ ...knowledge(session, message, { job, serving }), admitted: admitted !== undefined });
    switch (step.kind) {
      case "done":
        context.log.info("job.settled", { reason: step.reason, launches: lastNumber(session.found) });
        if (session.found && isWatchable(session.found, step.reason)) await ensureWatch(session);
        return { kind: "done" };
      case "wait":
        return { kind: "again", seconds: step.seconds };
      case "refuse":
        return refuse();
      case "check-job":
        job = await askGitHub(session);
        break;
      case "write":
        await write(session, step.record);
        break;
      case "admit": {
        const admission = await admitLaunch(session, step.launchNumber);
        if (admission.kind !== "now") return admission;
        admitted = admission;
        break;
      }
      case "register":
        await registerLaunch(session, step.launchNumber);
        break;
      case "run":
        if ((await runLaunch(session, step.launchNumber, admitted?.epoch ?? 0)) === "settled") break;
        if (++refusals >= MAX_REFUSALS) return await putAside(session);
        admitted = undefined;
        break;
      case "abandon":
        // Its runner was given another job meanwhile: the watch ends it after that.
        if ((await abandon(session, step.launchNumber)) === "busy") admitted = undefined;
        break;
    }
  }
  throw new TransientError("the job's record kept changing under this attempt", { details: { steps: MAX_STEPS } });
}

// How the job is served now, or why it is not.
function chooseServing({ environment }: DispatcherDeps, message: LaunchMessage): Serving | OutOfScope {
  const chosen = chooseClass(scopeOf(environment), message);
  if (typeof chosen === "string") return chosen;
  return { labels: [...chosen.labels], groupId: environment.RUNNER_GROUP_ID ?? 0 };
}

async function putAside(session: JobSession): Promise<FlowResult> {
  await session.release();
  return { kind: "again", seconds: REFUSED_SECONDS };
}

// Asked before anything is done for the job, and not again once a launch shows that it was answered.
async function isRefusedAsFork(
  { deps, found: record }: JobSession,
  message: LaunchMessage,
  serving: Serving | undefined,
): Promise<boolean> {
  if (!message.isPublic || deps.environment.ALLOW_FORK_PULL_REQUESTS) return false;
  if (record !== undefined && (record.launches.length > 0 || record.conclusion !== undefined)) return false;
  const origin = await (await deps.github()).getRunOrigin(placeOfRunner(deps, message, serving), message.runId);
  return isForksPullRequest(origin, message.repository);
}

function knowledge(
  { deps, context, found }: JobSession,
  message: LaunchMessage,
  { job, serving }: { job: LaunchKnowledge["job"] | undefined; serving: Serving | undefined },
): Omit<LaunchKnowledge, "admitted"> {
  return {
    record: found,
    message,
    ...(job === undefined ? {} : { job }),
    now: deps.clock.now(),
    lease: { holder: context.holder, until: context.deadline.toISOString() },
    serving,
    runnerNamePrefix: deps.environment.RUNNER_NAME_PREFIX,
  };
}

async function write(session: JobSession, planned: JobRecord): Promise<void> {
  const before = lastNumber(session.found);
  const launchNumber = lastNumber(planned);
  if ((await session.apply(planned)) && launchNumber > before) {
    session.context.log.info("launch.claimed", { launchNumber });
  }
}

function lastNumber(record: JobRecord | undefined): number {
  return (record && latestLaunch(record)?.number) ?? 0;
}

// A job that is over may have left a MicroVM, or a registration that GitHub did not let go. Of one that the App does not reach
// nothing is left where there never was a MicroVM.
function isWatchable(record: JobRecord, reason: string): boolean {
  const isLeft = ({ state, runnerLeft }: Launch) => state === "running" || runnerLeft === true;
  if (reason === "unreachable" && record.launches.every(({ microvmId }) => microvmId === undefined)) return false;
  return record.conclusion === undefined || record.launches.some(isLeft);
}

async function askGitHub({ deps, context, record }: JobSession): Promise<JobView | "gone" | "unreachable" | "unknown"> {
  try {
    const github = await deps.github();
    return (await github.getJob(placeOfJob(deps, record), record.jobId)) ?? "gone";
  } catch (error: unknown) {
    if (!(error instanceof DispatcherError)) throw error;
    if (error instanceof NotInstalledError) {
      await noteNotInstalled(deps, context, record.repository);
      return "unreachable";
    }
    context.log.warn("job.view_unknown", { error: error.name, message: error.message });
    return "unknown";
  }
}
