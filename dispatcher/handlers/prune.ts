/** The prune function: once a day, deletes versions of the MicroVM image that nothing needs. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "aws-lambda";
import { pruneEnvironment } from "../../contract/environment.ts";
import { createLogger } from "../../contract/log.ts";
import { createLambdaImageVersions } from "../aws/lambda-image-versions.ts";
import { parseEnvironment, processEnvironment } from "../config.ts";
import { type PruneDeps, pruneVersions } from "../flows/prune-versions.ts";
import { awsClients } from "./aws-clients.ts";

/** Kept free at the end of an invocation, for a deletion and its answer. */
const RESERVE_MS = 30_000;

function compose(): PruneDeps {
  const processEnv = processEnvironment();
  return {
    environment: parseEnvironment(pruneEnvironment, processEnv),
    images: createLambdaImageVersions(awsClients(processEnv)("lambda-microvms")),
    clock: { now: () => new Date() },
    sleep: (ms) => sleep(ms),
    log: createLogger(),
  };
}

let deps: PruneDeps | undefined;

/** Lambda's entry point; what the event says does not matter. */
export async function handler(_event: unknown, context: Context): Promise<void> {
  deps ??= compose();
  const deadline = new Date(Date.now() + context.getRemainingTimeInMillis() - RESERVE_MS);
  await pruneVersions({ ...deps, log: deps.log.with({ requestId: context.awsRequestId }) }, deadline);
}
