import type { FinishMessage } from "../../contract/messages.ts";
import type { JobRecord } from "../core/job.ts";
import { type FinishKnowledge, planFinish } from "../core/plan-finish.ts";
import { parseLaunchId } from "../core/runner-name.ts";
import { TransientError } from "../errors.ts";
import { amendRecord } from "./amend-record.ts";
import type { DispatcherDeps, FlowContext, FlowResult } from "./deps.ts";
import { endLaunch, terminateLaunch } from "./end-launch.ts";
import { noteStarted } from "./note-started.ts";

const MAX_STEPS = 30;

/**
 * Ends what a finished job leaves behind: the MicroVM of exactly the launch that ran it, and, when no runner had the job,
 * the launches made for it.
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
  return amendRecord(deps, context, message.jobId, (record) =>
    record.conclusion === undefined ? { ...record, conclusion: conclusion ?? "unknown" } : record,
  );
}

type Finished = Pick<FinishKnowledge, "conclusion" | "over" | "finished" | "again">;

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
  let record = await deps.jobs.get(jobId);
  const busy: number[] = [];
  for (let count = 0; count < MAX_STEPS; count++) {
    const step = planFinish({ record, now: deps.clock.now(), holder: context.holder, busy, ...finished });
    switch (step.kind) {
      case "done":
        context.log.info("finish.settled", { jobId, reason: step.reason });
        return { kind: "done" };
      case "wait":
        return { kind: "again", seconds: step.seconds };
      case "write":
        record = (await deps.jobs.put(step.record)) ? step.record : await deps.jobs.get(jobId);
        break;
      case "terminate":
        record = await terminateLaunch(deps, context, known(record), step.launchNumber, "job completed");
        break;
      case "end": {
        const reason = finished.finished ? "runner exited" : "job over";
        record = await endLaunch(deps, context, known(record), step.launchNumber, reason);
        if (record?.launches.some((launch) => launch.number === step.launchNumber && launch.state !== "ended")) {
          busy.push(step.launchNumber);
        }
        break;
      }
    }
  }
  throw new TransientError("the job's record kept changing under this attempt", { details: { jobId } });
}

function known(record: JobRecord | undefined): JobRecord {
  if (record === undefined) throw new TransientError("the job's record vanished");
  return record;
}
