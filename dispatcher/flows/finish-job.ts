import { JOB_RAN, logEvent } from "../../contract/events.ts";
import type { FinishMessage } from "../../contract/messages.ts";
import { newRecord } from "../core/job.ts";
import { type FinishKnowledge, planFinish } from "../core/plan-finish.ts";
import { END_REASONS } from "../core/relaunch.ts";
import { parseLaunchId } from "../core/runner-name.ts";
import { NotFoundError, RefusedError, TransientError } from "../errors.ts";
import { amendRecord } from "./amend-record.ts";
import { classNameOf } from "./class-of-launch.ts";
import type { DispatcherDeps, FlowContext, FlowResult } from "./deps.ts";
import { isUntouched, noteRefusedRunner } from "./held-launches.ts";
import { JobSession } from "./job-session.ts";
import { noteGivenJob } from "./note-given.ts";
import { noteStarted } from "./note-started.ts";
import { ensureWatch } from "./schedule-watch.ts";

const MAX_STEPS = 30;

/**
 * Ends what a finished job leaves behind: the MicroVM of exactly the launch that ran it, and, when no runner had the
 * job, the launches made for it.
 */
export async function finishJob(
  deps: DispatcherDeps,
  context: FlowContext,
  message: FinishMessage,
): Promise<FlowResult> {
  const finished = message.launchId === undefined ? undefined : parseLaunchId(message.launchId);
  const conclusion = message.jobId === undefined ? undefined : (message.conclusion ?? "unknown");
  if (finished === undefined || finished.jobId === message.jobId || message.jobId === undefined) {
    const jobId = finished?.jobId ?? message.jobId;
    return jobId === undefined
      ? { kind: "done" }
      : settle(deps, context, jobId, {
          ...(conclusion === undefined ? {} : { conclusion }),
          ...overOf(message),
          again: message.again === true,
          problem: message.problem,
          runner: message.runner,
          ...ranOf(message),
          ...(finished ? { finished: { launchNumber: finished.launchNumber, source: message.source } } : {}),
        });
  }
  // GitHub gave the runner made for one job to another: the runner's launch is over, and so is the other job.
  const noted = await noteStarted(deps, context, {
    type: "started",
    jobId: message.jobId,
    launchId: message.launchId ?? "",
  });
  if (noted.kind === "again") return noted;
  const launch = await settle(deps, context, finished.jobId, {
    finished: { launchNumber: finished.launchNumber, source: message.source },
    again: message.again === true,
  });
  if (launch.kind === "again") return launch;
  return noteOver(deps, context, message, { jobId: message.jobId, conclusion: conclusion ?? "unknown" });
}

// Its `queued` delivery may be late: should it come yet, it finds that the job is over.
async function noteOver(
  deps: DispatcherDeps,
  context: FlowContext,
  message: FinishMessage,
  { jobId, conclusion }: { jobId: number; conclusion: string },
): Promise<FlowResult> {
  const { runId, repository, launchId } = message;
  const session = await JobSession.open(deps, context, jobId);
  await tellRan(session, ranOf(message));
  if (session.found === undefined && runId !== undefined && repository !== undefined) {
    const record = newRecord({ jobId, runId, repository }, deps.clock.now());
    const over = { ...record, conclusion, ...(launchId === undefined ? {} : { servedBy: launchId }) };
    if (await session.apply(over)) return { kind: "done" };
  }
  return amendRecord(deps, context, jobId, (record) =>
    record.conclusion === undefined ? { ...record, conclusion } : record,
  );
}

type Finished = Pick<FinishKnowledge, "conclusion" | "over" | "finished" | "again"> &
  Pick<FinishMessage, "problem" | "runner" | "ranFrom" | "ranUntil">;

function ranOf({ ranFrom, ranUntil }: FinishMessage): Pick<FinishMessage, "ranFrom" | "ranUntil"> {
  return { ranFrom, ranUntil };
}

// Told once: of a job that is known to be over it was told, or nobody will ever know, but where a look came before.
async function tellRan(
  session: JobSession,
  { ranFrom, ranUntil }: Pick<FinishMessage, "ranFrom" | "ranUntil">,
): Promise<void> {
  const { found, context } = session;
  if (found?.queuedAt === undefined || (found.conclusion !== undefined && !found.untold)) return;
  if (ranFrom === undefined || ranUntil === undefined) return;
  const secondsUntil = (from: string, until: string) => Math.max(0, (Date.parse(until) - Date.parse(from)) / 1_000);
  const { repository: repo, queuedAt, workflow, launches } = found;
  const startSeconds = secondsUntil(queuedAt, ranFrom);
  const times = { startSeconds, runSeconds: secondsUntil(ranFrom, ranUntil) };
  logEvent(context.log, JOB_RAN, { repo, class: classNameOf(launches.at(-1) ?? {}), workflow, ...times });
  if (found.untold) await session.change(({ untold: _, ...told }) => told, { onConflict: "retry" });
}

// Of a repository that GitHub refuses nothing can be asked: the MicroVM's own word that its runner has exited is
// enough, and so is it that there never was a MicroVM. Any other is left to the watch, which goes on looking.
async function end(session: JobSession, number: number, { finished, problem, runner }: Finished): Promise<string> {
  const launch = session.launch(number);
  const refused = problem !== undefined && finished?.launchNumber === number && (await isUntouched(session, launch));
  const reason = refused ? END_REASONS.runnerRefused : finished ? END_REASONS.exited : END_REASONS.over;
  try {
    const ended = await session.end(number, reason);
    if (refused && ended === "ended") await noteRefusedRunner(session, launch, runner);
    return ended;
  } catch (error: unknown) {
    if (!(error instanceof RefusedError || error instanceof NotFoundError)) throw error;
    if (finished === undefined && session.launch(number).microvmId !== undefined) return "busy";
    session.context.log.warn("launch.runner_left", { launchNumber: number, error: error.name, message: error.message });
    const ended = await session.terminate(number, reason, { runnerLeft: true });
    if (ended === "ended") await ensureWatch(session);
    return ended;
  }
}

function overOf({ jobId, runId, repository }: FinishMessage): Pick<FinishKnowledge, "over"> {
  if (jobId === undefined || runId === undefined || repository === undefined) return {};
  return { over: { jobId, runId, repository } };
}

async function settle(
  deps: DispatcherDeps,
  context: FlowContext,
  jobId: number,
  finished: Finished,
): Promise<FlowResult> {
  const session = await JobSession.open(deps, context, jobId);
  if (finished.over?.jobId === jobId) await tellRan(session, finished);
  const busy: number[] = [];
  for (let count = 0; count < MAX_STEPS; count++) {
    const { holder } = context;
    const step = planFinish({ record: session.found, now: deps.clock.now(), holder, busy, ...finished });
    switch (step.kind) {
      case "done":
        context.log.info("finish.settled", { jobId, reason: step.reason });
        return { kind: "done" };
      case "wait":
        return { kind: "again", seconds: step.seconds };
      case "write":
        await session.apply(step.record);
        break;
      case "terminate":
        await noteGivenJob(session, session.launch(step.launchNumber));
        await session.terminate(step.launchNumber, END_REASONS.completed);
        break;
      case "end":
        if ((await end(session, step.launchNumber, finished)) === "busy") busy.push(step.launchNumber);
        break;
    }
  }
  throw new TransientError("the job's record kept changing under this attempt", { details: { jobId } });
}
