import type { LaunchMessage } from "../../contract/messages.ts";
import { latestLaunch } from "../../dispatcher/core/job.ts";
import { whyNoRunner } from "./explain-job.ts";
import type { JobEvidence, Unknown } from "./job-evidence.ts";

/** What `retry` reads of the job's run. */
export interface RetriedRun {
  /** `owner/name`, as GitHub writes it. */
  repository: string;
  isPublic: boolean;
}

export type RetryPlan =
  /** The launch that is to be sent, and what comes of it. */
  | { kind: "send"; message: LaunchMessage; text: string }
  /** The job is to get no runner of this deployment. */
  | { kind: "refuse"; text: string }
  /** Whether it is to get one cannot be told. */
  | { kind: "unable"; text: string };

/** Whether a job is to be launched anew, and with what. `deliveryId`: one that no delivery had, which makes it anew. */
export function planRetry(evidence: JobEvidence, run: RetriedRun | Unknown, deliveryId: string): RetryPlan {
  const { github, jobId, runId, record } = evidence;
  if (github === "gone") {
    const text = "GitHub knows no such job, or does not tell: check its URL, and that the token or the App reaches it";
    return { kind: "refuse", text };
  }
  if ("unknown" in github) return { kind: "unable", text: `GitHub was not asked about the job: ${github.unknown}` };
  const not = whyNoRunner(evidence);
  if (not !== undefined) return { kind: "refuse", text: `${not.text}: ${not.next}` };
  if ("unknown" in run || runId === undefined) {
    const why = "unknown" in run ? run.unknown : "it names none";
    return { kind: "unable", text: `GitHub was not asked about the job's run: ${why}` };
  }
  const message: LaunchMessage = {
    ...{ type: "launch", jobId, runId, repository: run.repository, labels: github.labels, deliveryId },
    ...(record?.installationId === undefined ? {} : { installationId: record.installationId }),
    ...(run.isPublic ? { isPublic: true } : {}),
  };
  return { kind: "send", message, text: whatFollows(evidence) };
}

function whatFollows({ record, held }: JobEvidence): string {
  const last = record && latestLaunch(record);
  if (last !== undefined && last.state !== "ended" && last.swappedAt === undefined) {
    return `launch ${last.number} is under way: while it lives no other is begun`;
  }
  const next = `launch ${(last?.number ?? 0) + 1}`;
  if (held !== undefined) return `${next} waits: GitHub refuses the runner of image version ${held.imageVersion}`;
  return `${next} begins as soon as rate, quota and max_concurrency allow`;
}
