import { randomUUID } from "node:crypto";
import { DispatcherError } from "../dispatcher/errors.ts";
import type { Queue } from "../dispatcher/ports.ts";
import type { JobAddress } from "./core/job-address.ts";
import type { JobEvidence, Unknown } from "./core/job-evidence.ts";
import { planRetry } from "./core/plan-retry.ts";
import { type FoundRun, readRun } from "./github/read-job.ts";
import { UsageError } from "./usage-error.ts";
import { investigate, isPublicForks, type WhereOptions, waysToAsk } from "./where.ts";

export interface RetryOptions extends WhereOptions {
  queue: Pick<Queue, "send">;
}

/** What became of it; without a `deliveryId` nothing was sent. */
export interface Retried {
  jobId: number;
  repository: string | undefined;
  deliveryId?: string;
  text: string;
}

/** Sends the job's launch message once more, as GitHub's `queued` delivery would. */
export async function retryJob(options: RetryOptions, address: JobAddress): Promise<Retried> {
  const seen = await investigate(options, address);
  const run = await findRun(options, seen);
  const refusedFork = seen.runnerClass?.allowForkPullRequests === false && isPublicForks(run);
  const plan = planRetry({ ...seen, refusedFork }, run, `retry-${randomUUID()}`);
  if (plan.kind === "unable") throw new UsageError(plan.text);
  const { jobId, repository } = seen;
  if (plan.kind === "refuse") return { jobId, repository, text: plan.text };
  try {
    await options.queue.send(plan.message);
  } catch (error: unknown) {
    throw error instanceof DispatcherError ? new UsageError(error.message) : error;
  }
  return { jobId, repository: plan.message.repository, deliveryId: plan.message.deliveryId, text: plan.text };
}

async function findRun(options: RetryOptions, { repository, runId }: JobEvidence): Promise<FoundRun | Unknown> {
  if (repository === undefined || runId === undefined) return { unknown: "it did not tell the job's run" };
  const ask = await waysToAsk(options);
  return "unknown" in ask ? ask : readRun(ask.ask, repository, runId);
}

/** One line that says what was done. */
export function printRetried({ jobId, repository, deliveryId, text }: Retried): string {
  const job = `job ${jobId}${repository === undefined ? "" : ` of ${repository}`}`;
  return deliveryId === undefined ? `not retried, ${job}: ${text}` : `sent, ${job}: ${text} (${deliveryId})`;
}

/** The same for programs: fields may be added to it, never renamed. */
export function retriedDocument(retried: Retried): object {
  const { jobId, repository = null, deliveryId = null, text } = retried;
  const sent = deliveryId !== null;
  return { version: 1, jobId, repository, sent, deliveryId, text, exitCode: exitCodeOf(retried) };
}

/** 1: the job is to get no runner of this deployment. */
export function exitCodeOf({ deliveryId }: Retried): number {
  return deliveryId === undefined ? 1 : 0;
}
