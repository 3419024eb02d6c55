/** The refresh function: every few minutes, sees whether MicroVM images are to be built again, and begins that. */
import type { Context } from "aws-lambda";
import * as v from "valibot";
import { createLogger } from "../../contract/log.ts";
import { refreshEnvironment } from "../../contract/refresh-environment.ts";
import { createDynamodbDeployment } from "../aws/dynamodb-deployment.ts";
import { createDynamodbHold, createDynamodbRefreshState, createDynamodbReleases } from "../aws/dynamodb-refresh.ts";
import { createLambdaBuiltImage } from "../aws/lambda-built-image.ts";
import { createS3CodeBucket } from "../aws/s3-code-bucket.ts";
import { createSsmSecrets } from "../aws/ssm-secrets.ts";
import { awsCredentials, awsEndpoint, awsRegion, parseEnvironment, processEnvironment } from "../config.ts";
import { type DeployedImage, imagesOf } from "../core/runner-classes.ts";
import type { RefreshResult } from "../flows/refresh-deps.ts";
import { refreshImages } from "../flows/refresh-images.ts";
import { reachByHead } from "../reach.ts";
import { awsClients } from "./aws-clients.ts";
import { readClasses } from "./read-classes.ts";

/** What somebody may ask for; the schedule's own event has none of it. */
const request = v.object({ rebuild: v.optional(v.boolean(), false) });

/** Kept free at the end of an invocation, for one look at one image and a build. */
const RESERVE_MS = 20_000;

function compose() {
  const processEnv = processEnvironment();
  const environment = parseEnvironment(refreshEnvironment, processEnv);
  const { TABLE_NAME, CLASSES_PARAM, CODE_BUCKET } = environment;
  const client = awsClients(processEnv, { retry: { budgetMs: 8_000 } });
  const table = client("dynamodb");
  const microvms = client("lambda-microvms");
  const classes = readClasses(createSsmSecrets(client("ssm")), CLASSES_PARAM);
  return {
    environment,
    deployed: async () => imagesOf(environment, await classes()),
    of: ({ name, arn }: DeployedImage) => ({
      image: createLambdaBuiltImage(microvms, arn),
      state: createDynamodbRefreshState(table, TABLE_NAME, { image: name }),
      hold: createDynamodbHold(table, TABLE_NAME, { image: name }),
    }),
    code: createS3CodeBucket({
      region: awsRegion(processEnv),
      bucket: CODE_BUCKET,
      credentials: () => awsCredentials(processEnv),
      endpoint: awsEndpoint(processEnv, "s3"),
    }),
    releases: createDynamodbReleases(table, TABLE_NAME),
    deployment: createDynamodbDeployment(table, TABLE_NAME),
    reach: reachByHead(),
    clock: { now: () => new Date() },
    random: Math.random,
    log: createLogger(),
  };
}

let deps: ReturnType<typeof compose> | undefined;

/** Lambda's entry point; `{"rebuild": true}` asks for a build now. */
export async function handler(event: unknown, context: Context): Promise<RefreshResult> {
  deps ??= compose();
  const asked = v.safeParse(request, event ?? {});
  const { rebuild } = asked.success ? asked.output : { rebuild: false };
  const deadline = new Date(Date.now() + context.getRemainingTimeInMillis() - RESERVE_MS);
  const log = deps.log.with({ requestId: context.awsRequestId });
  return refreshImages({ ...deps, log }, await deps.deployed(), { rebuild, deadline });
}
