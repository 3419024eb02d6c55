/** The prune function: once a day, deletes versions of the MicroVM images that nothing needs. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "aws-lambda";
import { pruneEnvironment } from "../../contract/environment.ts";
import { createLogger } from "../../contract/log.ts";
import { createLambdaImageVersions } from "../aws/lambda-image-versions.ts";
import { createSsmSecrets } from "../aws/ssm-secrets.ts";
import { parseEnvironment, processEnvironment } from "../config.ts";
import { imagesOf } from "../core/runner-classes.ts";
import { pruneImages } from "../flows/prune-versions.ts";
import { awsClients } from "./aws-clients.ts";
import { readClasses } from "./read-classes.ts";

/** Kept free at the end of an invocation, for a deletion and its answer. */
const RESERVE_MS = 30_000;

function compose() {
  const processEnv = processEnvironment();
  const environment = parseEnvironment(pruneEnvironment, processEnv);
  const client = awsClients(processEnv);
  const classes = readClasses(createSsmSecrets(client("ssm")), environment.CLASSES_PARAM);
  return {
    environment,
    images: createLambdaImageVersions(client("lambda-microvms")),
    deployed: async () => imagesOf(environment, await classes()),
    clock: { now: () => new Date() },
    sleep: (ms: number) => sleep(ms),
    random: Math.random,
    log: createLogger(),
  };
}

let deps: ReturnType<typeof compose> | undefined;

/** Lambda's entry point; what the event says does not matter. */
export async function handler(_event: unknown, context: Context): Promise<void> {
  deps ??= compose();
  const deadline = new Date(Date.now() + context.getRemainingTimeInMillis() - RESERVE_MS);
  const log = deps.log.with({ requestId: context.awsRequestId });
  await pruneImages({ ...deps, log }, await deps.deployed(), deadline);
}
