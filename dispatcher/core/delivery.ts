import * as v from "valibot";
import { type QueueMessage, queueMessage } from "../../contract/messages.ts";
import { launchIdOfRunner, parseLaunchId } from "./runner-name.ts";
import { type AskingJob, outOfScope, type Scope } from "./scope.ts";

/** What to do with a delivery whose signature is right. */
export type DeliveryDecision =
  | { kind: "enqueue"; message: QueueMessage }
  | { kind: "ignore"; reason: string }
  | { kind: "malformed"; reason: string };

const id = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

/** What is read for the log alone: no delivery is refused for it. */
const anything = v.optional(v.unknown());

/** The part of GitHub's `workflow_job` payload that we use; anything else in it is passed over. */
const workflowJobPayload = v.object({
  action: v.string(),
  workflow_job: v.object({
    id,
    run_id: id,
    labels: v.array(v.string()),
    workflow_name: anything,
    started_at: anything,
    completed_at: anything,
    steps: anything,
    runner_name: v.nullish(v.string()),
    conclusion: v.nullish(v.string()),
  }),
  // Only public repositories have `false`: internal ones of an enterprise have `true` as well.
  repository: v.object({ full_name: v.string(), private: v.optional(v.boolean()) }),
  installation: v.optional(v.object({ id })),
});

type WorkflowJobPayload = v.InferOutput<typeof workflowJobPayload>;

export interface DeliveryContext {
  scope: Scope;
  /** Name and version of the classes in it; empty: there is but the default. */
  classes: string;
  runnerNamePrefix: string;
}

/** Reads a delivery and decides; `body` is JSON as received, its signature already verified. */
export function readDelivery(
  context: DeliveryContext,
  delivery: { event: string; deliveryId: string; body: string },
): DeliveryDecision {
  if (delivery.event === "ping") return { kind: "ignore", reason: "pong" };
  if (delivery.event !== "workflow_job") return { kind: "ignore", reason: "event" };
  const payload = parsePayload(delivery.body);
  if (typeof payload === "string") return { kind: "malformed", reason: payload };
  const decision = decide(context, payload, delivery.deliveryId);
  if (decision.kind !== "enqueue") return decision;
  // What the dispatcher could not read must not get a 2xx.
  const result = v.safeParse(queueMessage, decision.message);
  return result.success ? decision : { kind: "malformed", reason: `unexpected ${fieldOf(result.issues)}` };
}

function decide(context: DeliveryContext, payload: WorkflowJobPayload, deliveryId: string): DeliveryDecision {
  switch (payload.action) {
    case "queued":
      return onQueued(context, payload, deliveryId);
    case "in_progress":
      return onInProgress(context, payload);
    case "completed":
      return onCompleted(context, payload);
    default:
      return { kind: "ignore", reason: "action" };
  }
}

function parsePayload(body: string): WorkflowJobPayload | string {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return "body is not JSON";
  }
  const result = v.safeParse(workflowJobPayload, json);
  return result.success ? result.output : `unexpected ${fieldOf(result.issues)}`;
}

function fieldOf(issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string {
  return v.getDotPath(issues[0]) ?? "payload";
}

function askingJob({ workflow_job: job, repository }: WorkflowJobPayload): AskingJob {
  return { repository: repository.full_name, runId: job.run_id, labels: job.labels };
}

function onQueued(context: DeliveryContext, payload: WorkflowJobPayload, deliveryId: string): DeliveryDecision {
  const { workflow_job: job, repository, installation } = payload;
  const outside = outOfScope(context.scope, askingJob(payload));
  if (outside) return { kind: "ignore", reason: outside };
  return {
    kind: "enqueue",
    message: {
      type: "launch",
      jobId: job.id,
      runId: job.run_id,
      repository: repository.full_name,
      labels: job.labels,
      deliveryId,
      ...(context.classes === "" ? {} : { classes: context.classes }),
      ...(typeof job.workflow_name === "string" ? { workflow: job.workflow_name.slice(0, MAX_NAME) } : {}),
      ...(installation ? { installationId: installation.id } : {}),
      ...(repository.private === false ? { isPublic: true as const } : {}),
    },
  };
}

/** Of a workflow's name nothing but the beginning is of use in a log. */
const MAX_NAME = 256;

// GitHub was seen to leave `started_at` at the moment when the job was queued; its first step begins when it runs.
function timesOf({ started_at, completed_at, steps }: WorkflowJobPayload["workflow_job"]) {
  const [first]: { started_at?: unknown }[] = Array.isArray(steps) ? steps : [];
  const [from, until] = [first?.started_at ?? started_at, completed_at].map((text) => Date.parse(String(text)));
  if (!(from && until)) return {};
  return { ranFrom: new Date(from).toISOString(), ranUntil: new Date(until).toISOString() };
}

// Only a runner that was given another job than its own is news.
function onInProgress(context: DeliveryContext, payload: WorkflowJobPayload): DeliveryDecision {
  const { workflow_job: job } = payload;
  const launchId = job.runner_name ? launchIdOfRunner(context.runnerNamePrefix, job.runner_name) : undefined;
  const outside = outOfScope(context.scope, askingJob(payload));
  if (launchId === undefined || outside === "repository") return { kind: "ignore", reason: outside ?? "runner" };
  if (parseLaunchId(launchId)?.jobId === job.id) return { kind: "ignore", reason: "action" };
  return { kind: "enqueue", message: { type: "started", jobId: job.id, launchId } };
}

// A runner of ours that finished a job is of interest whatever the job's labels; a job of ours that ended without a
// runner was cancelled while it waited, and its launch is to be undone.
function onCompleted(context: DeliveryContext, payload: WorkflowJobPayload): DeliveryDecision {
  const { workflow_job: job, repository } = payload;
  const launchId = job.runner_name ? launchIdOfRunner(context.runnerNamePrefix, job.runner_name) : undefined;
  const outside = outOfScope(context.scope, askingJob(payload));
  if (outside === "repository" || (outside && launchId === undefined)) return { kind: "ignore", reason: outside };
  return {
    kind: "enqueue",
    message: {
      type: "finish",
      source: "completed",
      jobId: job.id,
      runId: job.run_id,
      repository: repository.full_name,
      conclusion: job.conclusion ?? null,
      ...(launchId === undefined ? {} : { launchId, ...timesOf(job) }),
    },
  };
}
