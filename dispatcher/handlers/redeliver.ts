/** The redeliver function: on a schedule, has GitHub send again what did not reach the webhook function. */
import type { Context } from "aws-lambda";
import { redeliverEnvironment } from "../../contract/environment.ts";
import { createLogger } from "../../contract/log.ts";
import { type ManagedHooks, managedHooks } from "../../contract/secrets.ts";
import { createDynamodbRedeliveryState } from "../aws/dynamodb-redelivery-state.ts";
import { createSsmSecrets } from "../aws/ssm-secrets.ts";
import { parseEnvironment, parseSecret, processEnvironment } from "../config.ts";
import type { WatchedHook } from "../core/plan-redelivery.ts";
import { type RedeliverDeps, redeliver } from "../flows/redeliver.ts";
import { createHookDeliveries, type HookDeliveriesFactory } from "../github/hook-deliveries.ts";
import type { Clock } from "../ports.ts";
import type { CachedSecret } from "../secret-cache.ts";
import { cacheAppSecrets, gitHubAppOf } from "./app-secrets.ts";
import { awsClients } from "./aws-clients.ts";

/** Kept free at the end of an invocation, for the call under way and for writing down what was done. */
const RESERVE_MS = 20_000;

/** Which webhooks are looked after: those that Terraform manages, or else the App's own. */
export function watchedHooks(owner: string, { organization, repositories }: ManagedHooks): WatchedHook[] {
  const managed: WatchedHook[] = Object.entries(repositories).map(([name, hookId]) => ({
    kind: "repository",
    repository: `${owner}/${name}`,
    hookId,
  }));
  if (organization != null) managed.push({ kind: "organization", organization: owner, hookId: organization });
  return managed.length > 0 ? managed : [{ kind: "app" }];
}

function compose(): () => Promise<RedeliverDeps> {
  const processEnv = processEnvironment();
  const environment = parseEnvironment(redeliverEnvironment, processEnv);
  const client = awsClients(processEnv);
  const clock: Clock = { now: () => new Date() };
  const parameters = createSsmSecrets(client("ssm"));
  const state = createDynamodbRedeliveryState(client("dynamodb"), environment.TABLE_NAME);
  const { SECRET_PARAM, HOOKS_PARAM, GH_API_URL, GH_OWNER } = environment;
  const secrets = cacheAppSecrets(client, clock, SECRET_PARAM);
  let last: { app: string; deliveries: HookDeliveriesFactory } | undefined;
  // Both are read anew for each run: one is made every few minutes, and neither may have to wait for a deployment.
  return async () => {
    const [read, hooksText] = await Promise.all([readAnew(secrets), parameters.get(HOOKS_PARAM)]);
    const { app_id, installation_id } = read.secret.github_app;
    const identity = `${app_id}/${installation_id ?? ""}`;
    if (last?.app !== identity) {
      const app = gitHubAppOf(read, secrets);
      last = { app: identity, deliveries: createHookDeliveries({ apiUrl: GH_API_URL, app, clock }) };
    }
    const hooks = watchedHooks(GH_OWNER, parseSecret(managedHooks, HOOKS_PARAM, hooksText));
    return { state, deliveries: last.deliveries, hooks, clock, log: createLogger() };
  };
}

async function readAnew<T>(secret: CachedSecret<T>): Promise<T> {
  return (await secret.refresh()) ?? secret.get();
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
