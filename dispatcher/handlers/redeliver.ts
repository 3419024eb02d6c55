/** The redeliver function: on a schedule, has GitHub send again what did not reach the webhook function. */

import type { Context } from "aws-lambda";
import { redeliverEnvironment } from "../../contract/environment.ts";
import { createLogger } from "../../contract/log.ts";
import { managedHooks } from "../../contract/secrets.ts";
import { createDynamodbRedeliveryState } from "../aws/dynamodb-redelivery-state.ts";
import { createDynamodbHold, createDynamodbRefreshState, createDynamodbReleases } from "../aws/dynamodb-refresh.ts";
import { createSsmSecrets } from "../aws/ssm-secrets.ts";
import { parseEnvironment, parseSecret, processEnvironment } from "../config.ts";
import { watchedHooks } from "../core/watched-hooks.ts";
import { TransientError } from "../errors.ts";
import { type CheckRunnerDeps, checkRunner } from "../flows/check-runner.ts";
import { type RedeliverDeps, redeliver } from "../flows/redeliver.ts";
import { createHookDeliveries } from "../github/hook-deliveries.ts";
import { createRunnerApi } from "../github/runner-api.ts";
import type { Clock } from "../ports.ts";
import { cacheAppSecrets } from "./app-secrets.ts";
import { awsClients } from "./aws-clients.ts";
import { ofAllImages } from "./of-all-images.ts";
import { perApp } from "./per-app.ts";
import { readClasses } from "./read-classes.ts";

interface Deps {
  redelivery: RedeliverDeps;
  runner: CheckRunnerDeps;
}

/** Kept free at the end of an invocation, for the call under way and for writing down what was done. */
const RESERVE_MS = 20_000;

// The App and the hooks are read anew for each run: one is made every few minutes, and neither may have to wait for a
// deployment.
function compose(): () => Promise<Deps> {
  const processEnv = processEnvironment();
  const { TABLE_NAME, SECRET_PARAM, HOOKS_PARAM, CLASSES_PARAM, ...gitHub } = parseEnvironment(
    redeliverEnvironment,
    processEnv,
  );
  const client = awsClients(processEnv);
  const clock: Clock = { now: () => new Date() };
  const parameters = createSsmSecrets(client("ssm"));
  const table = client("dynamodb");
  const state = createDynamodbRedeliveryState(table, TABLE_NAME);
  const runner = {
    releases: createDynamodbReleases(table, TABLE_NAME),
    ...ofAllImages(
      readClasses(parameters, CLASSES_PARAM),
      (image) => createDynamodbRefreshState(table, TABLE_NAME, { image }),
      (image) => createDynamodbHold(table, TABLE_NAME, { image }),
    ),
    // GitHub Enterprise Server, whose API is below this path, gives jobs to runners of any age.
    enforced: !new URL(gitHub.GH_API_URL).pathname.startsWith("/api/v3"),
  };
  const secrets = cacheAppSecrets(client, clock, SECRET_PARAM);
  const deliveriesOf = perApp(secrets, (app) => createHookDeliveries({ apiUrl: gitHub.GH_API_URL, app, clock }));
  const runnersOf = perApp(secrets, (app) =>
    createRunnerApi({
      ...{ apiUrl: gitHub.GH_API_URL, app, clock, owner: gitHub.GH_OWNER, repositories: gitHub.GH_REPOSITORIES },
      runnerGroupId: gitHub.RUNNER_GROUP_ID,
    }),
  );
  return async () => {
    const read = (await secrets.refresh()) ?? (await secrets.get());
    const text = await parameters.get(HOOKS_PARAM);
    const hooks = watchedHooks(gitHub.GH_OWNER, parseSecret(managedHooks, HOOKS_PARAM, text));
    const log = createLogger();
    return {
      redelivery: { state, deliveries: deliveriesOf(read), hooks, clock, log },
      runner: { ...runner, github: runnersOf(read), clock, log },
    };
  };
}

let load: (() => Promise<Deps>) | undefined;

/** Lambda's entry point; what the event says does not matter. */
export async function handler(_event: unknown, context: Context): Promise<void> {
  load ??= compose();
  const deps = await load().catch((error: unknown) => {
    // What does not answer is no fault of this function: the next run asks again.
    if (!(error instanceof TransientError)) throw error;
    createLogger().warn("redelivery.put_off", { message: error.message });
  });
  if (deps === undefined) return;
  const { redelivery, runner } = deps;
  const log = redelivery.log.with({ requestId: context.awsRequestId });
  const deadline = new Date(Date.now() + context.getRemainingTimeInMillis() - RESERVE_MS);
  // Deliveries first: jobs wait for them. Neither keeps the other from its work.
  try {
    const { unseen } = await redeliver({ ...redelivery, log }, { holder: context.awsRequestId, deadline });
    if (unseen !== undefined) throw unseen;
  } finally {
    await checkRunner({ ...runner, log }).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : "something that is no error was thrown";
      log.warn("runner.check_failed", { message });
    });
  }
}
