/** The redeliver function: on a schedule, has GitHub send again what did not reach the webhook function. */

import type { Context } from "aws-lambda";
import { redeliverEnvironment } from "../../contract/environment.ts";
import { createLogger } from "../../contract/log.ts";
import { managedHooks } from "../../contract/secrets.ts";
import { createDynamodbRedeliveryState } from "../aws/dynamodb-redelivery-state.ts";
import { createSsmSecrets } from "../aws/ssm-secrets.ts";
import { parseEnvironment, parseSecret, processEnvironment } from "../config.ts";
import { watchedHooks } from "../core/watched-hooks.ts";
import { type RedeliverDeps, redeliver } from "../flows/redeliver.ts";
import { createHookDeliveries } from "../github/hook-deliveries.ts";
import type { Clock } from "../ports.ts";
import { cacheAppSecrets } from "./app-secrets.ts";
import { awsClients } from "./aws-clients.ts";
import { perApp } from "./per-app.ts";

/** Kept free at the end of an invocation, for the call under way and for writing down what was done. */
const RESERVE_MS = 20_000;

// The App and the hooks are read anew for each run: one is made every few minutes, and neither may have to wait for a deployment.
function compose(): () => Promise<RedeliverDeps> {
  const processEnv = processEnvironment();
  const { TABLE_NAME, SECRET_PARAM, HOOKS_PARAM, ...gitHub } = parseEnvironment(redeliverEnvironment, processEnv);
  const client = awsClients(processEnv);
  const clock: Clock = { now: () => new Date() };
  const parameters = createSsmSecrets(client("ssm"));
  const state = createDynamodbRedeliveryState(client("dynamodb"), TABLE_NAME);
  const secrets = cacheAppSecrets(client, clock, SECRET_PARAM);
  const deliveriesOf = perApp(secrets, (app) => createHookDeliveries({ apiUrl: gitHub.GH_API_URL, app, clock }));
  return async () => {
    const read = (await secrets.refresh()) ?? (await secrets.get());
    const text = await parameters.get(HOOKS_PARAM);
    const hooks = watchedHooks(gitHub.GH_OWNER, parseSecret(managedHooks, HOOKS_PARAM, text));
    return { state, deliveries: deliveriesOf(read), hooks, clock, log: createLogger() };
  };
}

let load: (() => Promise<RedeliverDeps>) | undefined;

/** Lambda's entry point; what the event says does not matter. */
export async function handler(_event: unknown, context: Context): Promise<void> {
  load ??= compose();
  const deps = await load();
  const deadline = new Date(Date.now() + context.getRemainingTimeInMillis() - RESERVE_MS);
  await redeliver(
    { ...deps, log: deps.log.with({ requestId: context.awsRequestId }) },
    { holder: context.awsRequestId, deadline },
  );
}
