/**
 * The webhook function: verifies, filters, queues, and answers 2xx only once the message is in the queue. It can read one
 * parameter and send to one queue; it never sees the App's key.
 */
import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from "aws-lambda";
import * as v from "valibot";
import { webhookEnvironment } from "../../contract/environment.ts";
import { FINISH_PATH, finishCall } from "../../contract/finish-call.ts";
import { createLogger, type Logger } from "../../contract/log.ts";
import { webhookSecret } from "../../contract/secrets.ts";
import { createSqsQueue } from "../aws/sqs-queue.ts";
import { createSsmSecrets } from "../aws/ssm-secrets.ts";
import { parseEnvironment, parseSecret, processEnvironment } from "../config.ts";
import { readDelivery } from "../core/delivery.ts";
import { parseLaunchId } from "../core/runner-name.ts";
import { scopeOf } from "../core/scope.ts";
import { isFinishMac, isSigned } from "../core/signature.ts";
import type { Clock, Queue } from "../ports.ts";
import { type Recent, rememberRecent } from "../recent.ts";
import { type CachedSecret, cacheSecret } from "../secret-cache.ts";
import { awsClients } from "./aws-clients.ts";

export interface WebhookDeps {
  environment: v.InferOutput<typeof webhookEnvironment>;
  /** The valid webhook secrets. */
  secrets: CachedSecret<readonly string[]>;
  queue: Queue;
  /** Launches whose finish call the queue has taken from this execution environment. */
  finished: Recent;
  clock: Clock;
  log: Logger;
}

/**
 * A `workflow_job` delivery has some tens of KB. A function URL accepts 6 MB (Lambda quotas), which, nested as deep as it goes,
 * takes more memory to parse than the function has.
 */
const MAX_BODY_BYTES = 1024 * 1024;
/** A launch id has at most 21 characters: some 100 KB. */
const MAX_FINISHED = 1_000;

/** Answers one request to the function URL. Never throws: what goes wrong here is a 500 without details. */
export async function handle(deps: WebhookDeps, event: LambdaFunctionURLEvent): Promise<LambdaFunctionURLResult> {
  try {
    const { method, path } = event.requestContext.http;
    if (path === FINISH_PATH) return method === "POST" ? await receiveFinishCall(deps, event) : empty(405);
    if (path !== "/") return empty(404);
    return method === "POST" ? await receiveDelivery(deps, event) : empty(405);
  } catch (error: unknown) {
    deps.log.error("webhook.failed", { error: error instanceof Error ? `${error.name}: ${error.message}` : "unknown" });
    return empty(500);
  }
}

async function receiveDelivery(deps: WebhookDeps, event: LambdaFunctionURLEvent): Promise<LambdaFunctionURLResult> {
  const body = rawBody(event);
  if (body.length > MAX_BODY_BYTES) return empty(413);
  const signature = event.headers["x-hub-signature-256"];
  const deliveryId = (event.headers["x-github-delivery"] ?? "").slice(0, 64);
  const log = deps.log.with({ deliveryId });
  if (signature === undefined || !(await verify(deps, (secrets) => isSigned(body, signature, secrets)))) {
    log.warn("delivery.rejected", { reason: signature === undefined ? "signature missing" : "signature wrong" });
    return empty(401);
  }
  if (!/^application\/json\b/i.test(event.headers["content-type"] ?? "")) {
    log.warn("delivery.rejected", { reason: "content type" });
    return text(415, "set the webhook's content type to application/json");
  }
  const decision = readDelivery(
    { scope: scopeOf(deps.environment), runnerNamePrefix: deps.environment.RUNNER_NAME_PREFIX },
    { event: event.headers["x-github-event"] ?? "", deliveryId, body: body.toString("utf8") },
  );
  switch (decision.kind) {
    case "malformed":
      log.warn("delivery.rejected", { reason: decision.reason });
      return text(400, decision.reason);
    case "ignore":
      log.info("delivery.ignored", { reason: decision.reason });
      return text(200, decision.reason === "pong" ? "pong" : `ignored: ${decision.reason}`);
    case "enqueue":
      await deps.queue.send(decision.message);
      log.info("delivery.queued", { type: decision.message.type, jobId: decision.message.jobId });
      return text(202, "queued");
  }
}

async function receiveFinishCall(deps: WebhookDeps, event: LambdaFunctionURLEvent): Promise<LambdaFunctionURLResult> {
  const call = v.safeParse(
    v.pipe(v.string(), v.maxLength(1_024), v.parseJson(), finishCall),
    rawBody(event).toString(),
  );
  if (!call.success) return empty(400);
  const { launchId, expiresAt, problem, runner } = call.output;
  const log = deps.log.with({ launchId, jobId: parseLaunchId(launchId)?.jobId });
  if (expiresAt < deps.clock.now().getTime() / 1_000) {
    log.warn("finish.rejected", { reason: "expired" });
    return empty(401);
  }
  if (!(await verify(deps, (secrets) => isFinishMac(call.output, secrets)))) {
    log.warn("finish.rejected", { reason: "mac wrong" });
    return empty(401);
  }
  // Another execution environment may queue it once more: the dispatcher finds that nothing is left to do.
  if (deps.finished.has(launchId)) {
    log.info("finish.repeated");
    return empty(202);
  }
  await deps.queue.send({
    type: "finish",
    source: "vm",
    launchId,
    ...(problem === undefined ? {} : { problem }),
    ...(runner === undefined ? {} : { runner }),
  });
  deps.finished.add(launchId);
  log.info("finish.queued", problem === undefined ? {} : { problem });
  return empty(202);
}

// A secret that was rotated a moment ago is not in the cache yet: a mismatch is final only against a fresh one.
async function verify(deps: WebhookDeps, matches: (secrets: readonly string[]) => boolean): Promise<boolean> {
  if (matches(await deps.secrets.get())) return true;
  await deps.secrets.refresh();
  return matches(await deps.secrets.get());
}

function rawBody(event: LambdaFunctionURLEvent): Buffer {
  return Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");
}

function empty(statusCode: number): LambdaFunctionURLResult {
  return { statusCode };
}

function text(statusCode: number, body: string): LambdaFunctionURLResult {
  return { statusCode, headers: { "content-type": "text/plain" }, body };
}

function compose(): WebhookDeps {
  const processEnv = processEnvironment();
  const environment = parseEnvironment(webhookEnvironment, processEnv);
  // GitHub waits 10 seconds for an answer, and two calls must fit: better a 500 that GitHub shows than a timeout.
  const client = awsClients(processEnv, { timeoutMs: 2_000, retry: { budgetMs: 3_500 } });
  const clock: Clock = { now: () => new Date() };
  const parameters = createSsmSecrets(client("ssm"));
  const name = environment.WEBHOOK_SECRET_PARAM;
  return {
    environment,
    secrets: cacheSecret(
      clock,
      async () => parseSecret(webhookSecret, name, await parameters.get(name)).webhook_secrets,
    ),
    queue: createSqsQueue(client("sqs"), environment.QUEUE_URL),
    finished: rememberRecent(MAX_FINISHED),
    clock,
    log: createLogger(),
  };
}

let deps: WebhookDeps | undefined;

/** Lambda's entry point. */
export async function handler(event: LambdaFunctionURLEvent): Promise<LambdaFunctionURLResult> {
  deps ??= compose();
  return handle(deps, event);
}
