import { JOB_REFUSED, logEvent } from "../../contract/events.ts";
import type { LaunchMessage } from "../../contract/messages.ts";
import { isForksPullRequest } from "../core/fork.ts";
import { type JobRecord, type Launch, latestLaunch } from "../core/job.ts";
import { type LaunchKnowledge, planLaunch } from "../core/plan-launch.ts";
import type { JobView } from "../core/views.ts";
import { DispatcherError, NotInstalledError, TransientError } from "../errors.ts";
import { admitLaunch } from "./admit-launch.ts";
import { afterMiss, type Choice, chooseServing } from "./choose-serving.ts";
import type { DispatcherDeps, FlowContext, FlowResult, Waiting } from "./deps.ts";
import { abandon, noteNotInstalled, settleFailedLaunch } from "./fail-launch.ts";
import { JobSession } from "./job-session.ts";
import { registerLaunch } from "./register-launch.ts";
import { runLaunch } from "./run-launch.ts";
import { placeOfJob, placeOfRunner } from "./runner-place.ts";
import { ensureWatch, scheduleWatch } from "./schedule-watch.ts";
import { waitingFor } from "./tell-waiting.ts";

/** An attempt whose call was refused so often for its rate leaves the next to another. */
const MAX_REFUSALS = 4;
const REFUSED_SECONDS = 5;

/**
 * A job that was launched for, and is not served any more, is looked at again after so long, as long as GitHub queues
 * it.
 */
const UNSERVED_SECONDS = 900;

/** More steps than any path through the plan has: reaching it is a defect, not a long job. */
const MAX_STEPS = 20;

/**
 * Gives a queued job its MicroVM: claim, register, store what RunMicrovm will be called with, call it, record the
 * MicroVM. Each step is written before the next is taken, so the message can be handled again from wherever an attempt
 * ended.
 */
export async function launchJob(
  deps: DispatcherDeps,
  context: FlowContext,
  message: LaunchMessage,
): Promise<FlowResult> {
  try {
    const choice = await chooseServing(deps, message);
    const served = typeof choice.served === "string" ? undefined : choice.served.runnerClass.name;
    const log = served === undefined ? context.log : context.log.with({ class: served });
    return await advance(await JobSession.open(deps, { ...context, log }, message.jobId), message, choice);
  } catch (error: unknown) {
    return settleFailedLaunch(deps, context, message, error);
  }
}

async function advance(session: JobSession, message: LaunchMessage, choice: Choice): Promise<FlowResult> {
  const { deps, context } = session;
  const refuse = (reason: string): FlowResult => {
    logEvent(context.log, JOB_REFUSED, { reason });
    return { kind: "done" };
  };
  if (typeof choice.served === "string") {
    const missed = isBegun(session.found) ? undefined : afterMiss(deps, message);
    if (missed !== undefined) return missed;
  } else if (await isRefusedAsFork(session, message, choice.served)) return refuse("fork");
  let job: LaunchKnowledge["job"];
  let waiting: Waiting = {};
  let admitted: { epoch: number } | undefined;
  let refusals = 0;
  for (let count = 0; count < MAX_STEPS; count++) {
    const step = planLaunch({ ...knowledge(session, message, { job, choice }), admitted: admitted !== undefined });
    switch (step.kind) {
      case "done":
        context.log.info("job.settled", { reason: step.reason, launches: lastNumber(session.found) });
        if (session.found && isWatchable(session.found, step.reason)) await ensureWatch(session);
        return { kind: "done" };
      case "wait":
        return { kind: "again", seconds: step.seconds, ...waiting };
      case "refuse":
        // Should it be served again, a later look has it launched.
        if (session.found !== undefined) await scheduleWatch(session, UNSERVED_SECONDS);
        return refuse(typeof choice.served === "string" ? choice.served : "labels");
      case "check-job":
        [job, waiting] = await askGitHub(session);
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
        if ((await abandon(session, step.launchNumber, step.reason)) === "busy") admitted = undefined;
        break;
    }
  }
  throw new TransientError("the job's record kept changing under this attempt", { details: { steps: MAX_STEPS } });
}

// One whose runner is registered goes on as it was begun, whatever is served now.
function isBegun(record: JobRecord | undefined): boolean {
  const state = record && latestLaunch(record)?.state;
  return state === "registered" || state === "running";
}

async function putAside(session: JobSession): Promise<FlowResult> {
  await session.release();
  return { kind: "again", seconds: REFUSED_SECONDS, reason: "rate" };
}

// Asked before anything is done for the job, and not again once a launch shows that it was answered.
async function isRefusedAsFork(
  { deps, found: record }: JobSession,
  message: LaunchMessage,
  { runnerClass, serving }: Exclude<Choice["served"], string>,
): Promise<boolean> {
  if (!message.isPublic || runnerClass.allowForkPullRequests) return false;
  if (record !== undefined && (record.launches.length > 0 || record.conclusion !== undefined)) return false;
  const origin = await (await deps.github()).getRunOrigin(placeOfRunner(deps, message, serving), message.runId);
  return isForksPullRequest(origin, message.repository);
}

function knowledge(
  { deps, context, found }: JobSession,
  message: LaunchMessage,
  { job, choice: { classes, served } }: { job: LaunchKnowledge["job"] | undefined; choice: Choice },
): Omit<LaunchKnowledge, "admitted"> {
  return {
    record: found,
    message,
    ...(job === undefined ? {} : { job }),
    now: deps.clock.now(),
    lease: { holder: context.holder, until: context.deadline.toISOString() },
    serving: typeof served === "string" ? undefined : served.serving,
    hasClass: (wanted) => classes.some(({ name }) => name === wanted),
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

// A job that is over may have left a MicroVM, or a registration that GitHub did not let go. Of one that the App does
// not reach nothing is left where there never was a MicroVM.
function isWatchable(record: JobRecord, reason: string): boolean {
  const isLeft = ({ state, runnerLeft }: Launch) => state === "running" || runnerLeft === true;
  if (reason === "unreachable" && record.launches.every(({ microvmId }) => microvmId === undefined)) return false;
  return record.conclusion === undefined || record.launches.some(isLeft);
}

async function askGitHub({
  deps,
  context,
  record,
}: JobSession): Promise<[job: JobView | "gone" | "unreachable" | "unknown", waiting: Waiting]> {
  try {
    const github = await deps.github();
    return [(await github.getJob(placeOfJob(deps, record), record.jobId)) ?? "gone", {}];
  } catch (error: unknown) {
    if (!(error instanceof DispatcherError)) throw error;
    if (error instanceof NotInstalledError) {
      await noteNotInstalled(deps, context, record.repository);
      return ["unreachable", waitingFor(error)];
    }
    context.log.warn("job.view_unknown", { error: error.name, message: error.message });
    return ["unknown", waitingFor(error)];
  }
}
