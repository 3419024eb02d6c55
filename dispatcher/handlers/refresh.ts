/** The refresh function: every few minutes, sees whether the MicroVM image is to be built again, and begins that. */
import type { Context } from "aws-lambda";
import * as v from "valibot";
import { createLogger } from "../../contract/log.ts";
import { refreshEnvironment } from "../../contract/refresh-environment.ts";
import { createDynamodbHold, createDynamodbRefreshState, createDynamodbReleases } from "../aws/dynamodb-refresh.ts";
import { createLambdaBuiltImage } from "../aws/lambda-built-image.ts";
import { createS3CodeBucket } from "../aws/s3-code-bucket.ts";
import { awsCredentials, awsEndpoint, awsRegion, parseEnvironment, processEnvironment } from "../config.ts";
import { refresh } from "../flows/refresh.ts";
import type { RefreshDeps, RefreshResult } from "../flows/refresh-deps.ts";
import { reachByHead } from "../reach.ts";
import { awsClients } from "./aws-clients.ts";

/** What somebody may ask for; the schedule's own event has none of it. */
const request = v.object({ rebuild: v.optional(v.boolean(), false) });

function compose(): RefreshDeps {
  const processEnv = processEnvironment();
  const environment = parseEnvironment(refreshEnvironment, processEnv);
  const { TABLE_NAME, IMAGE_ARN, CODE_BUCKET } = environment;
  const client = awsClients(processEnv, { retry: { budgetMs: 8_000 } });
  const table = client("dynamodb");
  return {
    environment,
    image: createLambdaBuiltImage(client("lambda-microvms"), IMAGE_ARN),
    code: createS3CodeBucket({
      region: awsRegion(processEnv),
      bucket: CODE_BUCKET,
      credentials: () => awsCredentials(processEnv),
      endpoint: awsEndpoint(processEnv, "s3"),
    }),
    state: createDynamodbRefreshState(table, TABLE_NAME),
    releases: createDynamodbReleases(table, TABLE_NAME),
    hold: createDynamodbHold(table, TABLE_NAME),
    reach: reachByHead(),
    clock: { now: () => new Date() },
    log: createLogger(),
  };
}

let deps: RefreshDeps | undefined;

/** Lambda's entry point; `{"rebuild": true}` asks for a build now. */
export async function handler(event: unknown, context: Context): Promise<RefreshResult> {
  deps ??= compose();
  const asked = v.safeParse(request, event ?? {});
  const { rebuild } = asked.success ? asked.output : { rebuild: false };
  return refresh({ ...deps, log: deps.log.with({ requestId: context.awsRequestId }) }, { rebuild });
}
