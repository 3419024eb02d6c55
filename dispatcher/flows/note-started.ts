import type { StartedMessage } from "../../contract/messages.ts";
import { withLaunch } from "../core/job.ts";
import { parseLaunchId } from "../core/runner-name.ts";
import { amendRecord } from "./amend-record.ts";
import type { DispatcherDeps, FlowContext, FlowResult } from "./deps.ts";

/**
 * Notes that GitHub gave a job to a runner made for another. From then on the other job is owed a runner, and the
 * launch of the job that started, if it is still to come, is the one that makes up for it.
 */
export async function noteStarted(
  deps: DispatcherDeps,
  context: FlowContext,
  message: StartedMessage,
): Promise<FlowResult> {
  const { jobId, launchId } = message;
  const launch = parseLaunchId(launchId);
  if (launch === undefined || launch.jobId === jobId) return { kind: "done" };
  context.log.info("job.swapped", { launchId, jobId });
  const served = await amendRecord(deps, context, jobId, (record) =>
    record.servedBy === undefined ? { ...record, servedBy: launchId } : record,
  );
  if (served.kind === "again") return served;
  return amendRecord(deps, context, launch.jobId, (record) =>
    withLaunch(record, launch.launchNumber, (each) => (each.ranJobId === jobId ? each : { ...each, ranJobId: jobId })),
  );
}
