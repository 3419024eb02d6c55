/** The dispatcher function: takes messages from the jobs queue and carries each through its flow. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { dispatcherEnvironment } from "../../contract/environment.ts";
import { createLogger } from "../../contract/log.ts";
import { createSsmSecrets } from "../aws/ssm-secrets.ts";
import { awsRegion, parseEnvironment, processEnvironment } from "../config.ts";
import type { DispatcherDeps } from "../flows/deps.ts";
import { handleBatch } from "../flows/handle-message.ts";
import { createGitHub } from "../github/create-github.ts";
import type { Clock } from "../ports.ts";
import { cacheAppSecrets } from "./app-secrets.ts";
import { awsClients } from "./aws-clients.ts";
import { beginEarly } from "./begin-early.ts";
import { dispatcherPorts } from "./dispatcher-ports.ts";
import { perApp } from "./per-app.ts";
import { readClasses } from "./read-classes.ts";

function compose(): DispatcherDeps {
  const processEnv = processEnvironment();
  const environment = parseEnvironment(dispatcherEnvironment, processEnv);
  const client = awsClients(processEnv, { timeoutMs: 5_000, retry: { budgetMs: 8_000 } });
  const clock: Clock = { now: () => new Date() };
  const log = createLogger();
  const { GH_API_URL: apiUrl, SECRET_PARAM, CLASSES_PARAM } = environment;
  const secrets = cacheAppSecrets(client, clock, SECRET_PARAM);
  const gitHub = perApp(secrets, (app) => createGitHub({ apiUrl, app, log, send: { timeoutMs: 5_000 } }));
  return {
    environment,
    region: awsRegion(processEnv),
    ...dispatcherPorts(client, environment, (ms) => sleep(ms)),
    classes: readClasses(createSsmSecrets(client("ssm")), CLASSES_PARAM),
    random: Math.random,
    secret: async () => (await secrets.get()).secret,
    github: async () => gitHub(await secrets.get()),
    clock,
    log,
  };
}

// The secrets with the App's key, the classes, and a connection to the table.
let deps = beginEarly("dispatcher.handler", compose, ({ secret, classes, hold }) => [secret(), classes(), hold.read()]);

/** Lambda's entry point. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  deps ??= compose();
  const deadline = new Date(Date.now() + context.getRemainingTimeInMillis());
  return handleBatch(deps, { requestId: context.awsRequestId, deadline }, event);
}
