/**
 * The webhook function: verifies, filters, queues, and answers 2xx only once the message is in the queue. It can read
 * one parameter and send to one queue; it never sees the App's key.
 */
import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from "aws-lambda";
import { webhookEnvironment } from "../../contract/environment.ts";
import { createLogger } from "../../contract/log.ts";
import { webhookSecret } from "../../contract/secrets.ts";
import { createSqsQueue } from "../aws/sqs-queue.ts";
import { createSsmSecrets } from "../aws/ssm-secrets.ts";
import { parseEnvironment, parseSecret, processEnvironment } from "../config.ts";
import { receiveRequest } from "../flows/receive-request.ts";
import type { WebhookDeps } from "../flows/webhook-request.ts";
import type { Clock } from "../ports.ts";
import { rememberRecent } from "../recent.ts";
import { cacheSecret } from "../secret-cache.ts";
import { awsClients } from "./aws-clients.ts";
import { beginEarly } from "./begin-early.ts";
import { readClasses } from "./read-classes.ts";

/** A launch id has at most 21 characters: some 100 KB. */
const MAX_FINISHED = 1_000;

function compose(): WebhookDeps {
  const processEnv = processEnvironment();
  const environment = parseEnvironment(webhookEnvironment, processEnv);
  // GitHub waits 10 seconds for an answer, and two calls must fit: better a 500 that GitHub shows than a timeout.
  const client = awsClients(processEnv, { timeoutMs: 2_000, retry: { budgetMs: 3_500 } });
  const clock: Clock = { now: () => new Date() };
  const parameters = createSsmSecrets(client("ssm"));
  const name = environment.WEBHOOK_SECRET_PARAM;
  const readSecrets = async () => parseSecret(webhookSecret, name, await parameters.get(name)).webhook_secrets;
  const secrets = cacheSecret(clock, readSecrets);
  const queue = createSqsQueue(client("sqs"), environment.QUEUE_URL);
  const classes = readClasses(parameters, environment.CLASSES_PARAM);
  return { environment, secrets, queue, classes, finished: rememberRecent(MAX_FINISHED), clock, log: createLogger() };
}

let deps = beginEarly("webhook.handler", compose, ({ secrets, classes }) => [secrets.get(), classes()]);

/** Lambda's entry point. */
export async function handler(event: LambdaFunctionURLEvent): Promise<LambdaFunctionURLResult> {
  deps ??= compose();
  return receiveRequest(deps, event);
}
