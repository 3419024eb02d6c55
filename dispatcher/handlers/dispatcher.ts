/**
 * The dispatcher function: takes messages from the jobs queue and carries each through its flow. A message that fails goes
 * back on its own; the others of its batch are done.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import * as v from "valibot";
import { dispatcherEnvironment } from "../../contract/environment.ts";
import { createLogger } from "../../contract/log.ts";
import { type QueueMessage, queueMessage } from "../../contract/messages.ts";
import { createDynamodbCapacity } from "../aws/dynamodb-capacity.ts";
import { createDynamodbJobStore } from "../aws/dynamodb-job-store.ts";
import { createDynamodbPace } from "../aws/dynamodb-pace.ts";
import { createLambdaMicrovms } from "../aws/lambda-microvms.ts";
import { createSqsQueue } from "../aws/sqs-queue.ts";
import { awsRegion, parseEnvironment, processEnvironment } from "../config.ts";
import { backoffSeconds, deferSeconds } from "../core/backoff.ts";
import { parseLaunchId } from "../core/runner-name.ts";
import { DispatcherError, MalformedMessageError, ThrottledError } from "../errors.ts";
import type { DispatcherDeps, FlowContext, FlowResult } from "../flows/deps.ts";
import { finishJob } from "../flows/finish-job.ts";
import { launchJob } from "../flows/launch-job.ts";
import { noteStarted } from "../flows/note-started.ts";
import { watchJob } from "../flows/watch-job.ts";
import { createGitHub } from "../github/create-github.ts";
import type { Clock, GitHub } from "../ports.ts";
import { type AppSecrets, cacheAppSecrets, gitHubAppOf } from "./app-secrets.ts";
import { awsClients } from "./aws-clients.ts";

/** What one invocation knows of itself. */
export interface Invocation {
  requestId: string;
  /** When Lambda ends it. */
  deadline: Date;
}

/** Handles one batch; the answer names the messages that are to come back. */
export async function handle(deps: DispatcherDeps, invocation: Invocation, event: SQSEvent): Promise<SQSBatchResponse> {
  const failed = await Promise.all(event.Records.map((record) => handleRecord(deps, invocation, record)));
  return {
    batchItemFailures: event.Records.filter((_, index) => failed[index]).map((record) => ({
      itemIdentifier: record.messageId,
    })),
  };
}

// Returns whether the message has to come back.
async function handleRecord(deps: DispatcherDeps, invocation: Invocation, record: SQSRecord): Promise<boolean> {
  const receiveCount = Number(record.attributes.ApproximateReceiveCount);
  let log = deps.log.with({ messageId: record.messageId, requestId: invocation.requestId, receiveCount });
  try {
    const message = parseMessage(record.body);
    log = log.with(idsOf(message));
    const holder = `${invocation.requestId}/${record.messageId}`;
    const context = { holder, deadline: invocation.deadline, retried: receiveCount > 1 || message.again === true, log };
    const result = await route(deps, context, message);
    if (result.kind === "again") {
      await deps.queue.send(
        { ...message, again: true },
        deferSeconds(result.seconds, result.exactly ? 0 : deps.random()),
      );
    }
    return false;
  } catch (error: unknown) {
    const failure = error instanceof DispatcherError ? error : undefined;
    const fields = { error: nameOf(error), message: messageOf(error), ...failure?.details };
    switch (failure?.disposition) {
      case "drop":
        log.error("message.dropped", fields);
        return false;
      case "defer":
        log.warn("message.deferred", fields);
        return !(await sendAgain(deps, record, failure));
      default:
        log.error("message.failed", fields);
        await deps.queue
          .changeVisibility(record.receiptHandle, backoffSeconds(receiveCount, deps.random()))
          // The queue's own visibility timeout brings it back later instead.
          .catch(() => undefined);
        return true;
    }
  }
}

// A fresh copy has used up none of its receives: nothing failed, so nothing counts towards the dead-letter queue.
async function sendAgain(deps: DispatcherDeps, record: SQSRecord, error: DispatcherError): Promise<boolean> {
  const seconds = (error instanceof ThrottledError ? error.retryAfterSeconds : undefined) ?? 5;
  try {
    await deps.queue.send({ ...parseMessage(record.body), again: true }, deferSeconds(seconds, deps.random()));
    return true;
  } catch {
    return false;
  }
}

function route(deps: DispatcherDeps, context: FlowContext, message: QueueMessage): Promise<FlowResult> {
  switch (message.type) {
    case "launch":
      return launchJob(deps, context, message);
    case "finish":
      return finishJob(deps, context, message);
    case "started":
      return noteStarted(deps, context, message);
    case "watch":
      return watchJob(deps, context, message);
  }
}

function parseMessage(body: string): QueueMessage {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), queueMessage), body);
  if (result.success) return result.output;
  throw new MalformedMessageError("a queue message does not have the contract's shape", {
    details: { field: v.getDotPath(result.issues[0]) ?? "(whole)" },
  });
}

function idsOf(message: QueueMessage) {
  const { type, jobId } = message;
  switch (message.type) {
    case "launch":
      return { type, jobId, runId: message.runId, repo: message.repository, deliveryId: message.deliveryId };
    case "started":
      return { type, jobId, launchId: message.launchId };
    case "finish":
      return { type, jobId: jobId ?? jobIdOf(message.launchId), launchId: message.launchId, source: message.source };
    case "watch":
      return { type, jobId };
  }
}

function jobIdOf(launchId: string | undefined): number | undefined {
  return launchId === undefined ? undefined : parseLaunchId(launchId)?.jobId;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "something that is no error was thrown";
}

function compose(): DispatcherDeps {
  const processEnv = processEnvironment();
  const environment = parseEnvironment(dispatcherEnvironment, processEnv);
  const region = awsRegion(processEnv);
  const client = awsClients(processEnv, { timeoutMs: 5_000, retry: { budgetMs: 8_000 } });
  const clock: Clock = { now: () => new Date() };
  const log = createLogger();
  const table = client("dynamodb");
  const secrets = cacheAppSecrets(client, clock, environment.SECRET_PARAM);
  let last: { app: string; github: GitHub } | undefined;
  // The same App keeps its client, and with it the installation tokens that are still good, also when its key changes.
  const gitHubOf = (read: AppSecrets): GitHub => {
    const { app_id, installation_id } = read.secret.github_app;
    const app = `${app_id}/${installation_id ?? ""}`;
    if (last?.app === app) return last.github;
    const github = createGitHub({
      apiUrl: environment.GH_API_URL,
      app: gitHubAppOf(read, secrets),
      runnerGroupId: environment.RUNNER_GROUP_ID,
      log,
      send: { timeoutMs: 5_000 },
    });
    last = { app, github };
    return github;
  };
  return {
    environment,
    region,
    jobs: createDynamodbJobStore(table, environment.TABLE_NAME),
    pace: createDynamodbPace(table, environment.TABLE_NAME, (ms) => sleep(ms)),
    capacity: createDynamodbCapacity(table, environment.TABLE_NAME),
    sleep: (ms) => sleep(ms),
    random: Math.random,
    microvms: createLambdaMicrovms(client("lambda")),
    queue: createSqsQueue(client("sqs"), environment.QUEUE_URL),
    secret: async () => (await secrets.get()).secret,
    github: async () => gitHubOf(await secrets.get()),
    clock,
    log,
  };
}

let deps: DispatcherDeps | undefined;

/** Lambda's entry point. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  deps ??= compose();
  const deadline = new Date(Date.now() + context.getRemainingTimeInMillis());
  return handle(deps, { requestId: context.awsRequestId, deadline }, event);
}
