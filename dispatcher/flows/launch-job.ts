import type { LaunchMessage } from "../../contract/messages.ts";
import { isForksPullRequest } from "../core/fork.ts";
import { type JobRecord, type Launch, latestLaunch, repositoryOf } from "../core/job.ts";
import { type LaunchKnowledge, planLaunch } from "../core/plan-launch.ts";
import { outOfScope, scopeOf } from "../core/scope.ts";
import type { JobView } from "../core/views.ts";
import { DispatcherError, TransientError } from "../errors.ts";
import { admitLaunch } from "./admit-launch.ts";
import type { DispatcherDeps, FlowContext, FlowResult, Waiting } from "./deps.ts";
import { abandon, settleFailedLaunch } from "./fail-launch.ts";
import { JobSession } from "./job-session.ts";
import { registerLaunch } from "./register-launch.ts";
import { runLaunch } from "./run-launch.ts";
import { ensureWatch } from "./schedule-watch.ts";
import { waitingFor } from "./tell-waiting.ts";

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
  const outside = outOfScope(scopeOf(deps.environment), message);
  if (outside) {
    context.log.warn("job.refused", { reason: outside });
    return { kind: "done" };
  }
  try {
    return await advance(await JobSession.open(deps, context, message.jobId), message);
  } catch (error: unknown) {
    return settleFailedLaunch(deps, context, message, error);
  }
}

async function advance(session: JobSession, message: LaunchMessage): Promise<FlowResult> {
  const { deps, context } = session;
  if (await isRefusedAsFork(deps, message, session.found)) {
    context.log.warn("job.refused", { reason: "fork" });
    return { kind: "done" };
  }
  let job: JobView | "gone" | "unknown" | undefined;
  let waiting: Waiting = {};
  let admitted: { epoch: number } | undefined;
  let refusals = 0;
  for (let count = 0; count < MAX_STEPS; count++) {
    const step = planLaunch({ ...knowledge(session, message, job), admitted: admitted !== undefined });
    switch (step.kind) {
      case "done":
        context.log.info("job.settled", { reason: step.reason, launches: lastNumber(session.found) });
        if (session.found && isWatchable(session.found)) await ensureWatch(session);
        return { kind: "done" };
      case "wait":
        return { kind: "again", seconds: step.seconds, ...waiting };
      case "check-job":
        [job, waiting] = await askGitHub(session, message);
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

async function putAside(session: JobSession): Promise<FlowResult> {
  await session.release();
  return { kind: "again", seconds: REFUSED_SECONDS, reason: "rate" };
}

// Asked before anything is done for the job, and not again once a launch shows that it was answered.
async function isRefusedAsFork(
  deps: DispatcherDeps,
  message: LaunchMessage,
  record: JobRecord | undefined,
): Promise<boolean> {
  if (!message.isPublic || deps.environment.ALLOW_FORK_PULL_REQUESTS) return false;
  if (record !== undefined && (record.launches.length > 0 || record.conclusion !== undefined)) return false;
  const origin = await (await deps.github()).getRunOrigin(repositoryOf(message), message.runId);
  return isForksPullRequest(origin, message.repository);
}

function knowledge(
  { deps, context, found }: JobSession,
  message: LaunchMessage,
  job: LaunchKnowledge["job"],
): Omit<LaunchKnowledge, "admitted"> {
  return {
    record: found,
    message,
    ...(job === undefined ? {} : { job }),
    now: deps.clock.now(),
    lease: { holder: context.holder, until: context.deadline.toISOString() },
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

// A job that is over may have left a MicroVM, or a registration that GitHub did not let go.
function isWatchable(record: JobRecord): boolean {
  const isLeft = ({ state, runnerLeft }: Launch) => state === "running" || runnerLeft === true;
  return record.conclusion === undefined || record.launches.some(isLeft);
}

async function askGitHub(
  { deps, context }: JobSession,
  message: LaunchMessage,
): Promise<[job: JobView | "gone" | "unknown", waiting: Waiting]> {
  try {
    const github = await deps.github();
    return [(await github.getJob(repositoryOf(message), message.jobId)) ?? "gone", {}];
  } catch (error: unknown) {
    if (!(error instanceof DispatcherError)) throw error;
    context.log.warn("job.view_unknown", { error: error.name, message: error.message });
    return ["unknown", waitingFor(error)];
  }
}
