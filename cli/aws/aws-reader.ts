import * as v from "valibot";
import type { DispatcherSecret } from "../../contract/secrets.ts";
import { createDynamodbJobStore } from "../../dispatcher/aws/dynamodb-job-store.ts";
import {
  createDynamodbHold,
  createDynamodbRefreshState,
  createDynamodbReleases,
} from "../../dispatcher/aws/dynamodb-refresh.ts";
import { type FoundKey, findAppKey } from "../../dispatcher/aws/find-app-key.ts";
import { createLambdaMicrovms } from "../../dispatcher/aws/lambda-microvms.ts";
import { createSsmSecrets } from "../../dispatcher/aws/ssm-secrets.ts";
import { awsServiceEndpoint, signingName } from "../../dispatcher/aws/transport/aws-endpoint.ts";
import {
  createJsonRpc,
  createRestRpc,
  pathSegment,
  type RestOperation,
  type Rpc,
} from "../../dispatcher/aws/transport/rpc.ts";
import { createSignedFetch } from "../../dispatcher/aws/transport/signed-fetch.ts";
import { awsEndpoint, type Environment } from "../../dispatcher/config.ts";
import type { JobRecord } from "../../dispatcher/core/job.ts";
import type { RefreshState } from "../../dispatcher/core/refresh-state.ts";
import type { RunnerHold } from "../../dispatcher/core/runner-hold.ts";
import type { RunnerReleases } from "../../dispatcher/core/runner-releases.ts";
import type { Microvm } from "../../dispatcher/core/views.ts";
import type { BuildView, ImageView, QueueView } from "../core/judge-aws.ts";
import type { Pause } from "../core/judge-pause.ts";
import type { PolicyStatement } from "../core/judge-url-policy.ts";
import { type AlarmReader, createAlarmReader } from "./alarm-reader.ts";
import { createPauseFlag } from "./pause-flag.ts";
import { policyAnswer } from "./policy-answer.ts";
import type { AwsAccess } from "./resolve-aws.ts";

/** What the commands read in AWS, and nothing that changes anything. Each throws a DispatcherError. */
export interface AwsReader extends AlarmReader {
  region: string;
  /** Any address of AWS in the Region, for the time that it answers with. */
  address: string;
  functionEnvironment(name: string): Promise<Record<string, string>>;
  /** What a function's own policy allows; nothing where it has none. */
  functionPolicy(name: string): Promise<readonly PolicyStatement[]>;
  /** A quota of Lambda, in its own unit. */
  quota(code: string): Promise<number>;
  /** MiB that a version of the image gives each MicroVM. */
  imageMemory(arn: string, version: string): Promise<number>;
  appKey(app: DispatcherSecret["github_app"]): Promise<FoundKey>;
  parameter(name: string): Promise<string>;
  queue(url: string): Promise<QueueView & { deadLetterUrl?: string }>;
  image(arn: string): Promise<ImageView>;
  builds(arn: string, version: string): Promise<BuildView[]>;
  microvm(id: string): Promise<Microvm | undefined>;
  job(table: string, id: number): Promise<JobRecord | undefined>;
  /** Whether somebody has paused launches. */
  pause(table: string): Promise<Pause | undefined>;
  /** What the functions wrote about the runner of an image: of the default's, or of a class's own by its name. */
  runner(table: string, image?: string): Promise<{ state: RefreshState; releases: RunnerReleases; hold: RunnerHold }>;
}

const configuration = v.object({ Environment: v.optional(v.object({ Variables: v.record(v.string(), v.string()) })) });

const count = v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number));
const attributes = v.object({
  Attributes: v.object({
    QueueArn: v.string(),
    ApproximateNumberOfMessages: count,
    ApproximateNumberOfMessagesDelayed: count,
    ApproximateNumberOfMessagesNotVisible: count,
    RedrivePolicy: v.optional(v.pipe(v.string(), v.parseJson(), v.object({ deadLetterTargetArn: v.string() }))),
  }),
});

const image = v.object({
  state: v.string(),
  latestActiveImageVersion: v.nullish(v.string()),
  latestFailedImageVersion: v.nullish(v.string()),
});

const builds = v.object({
  items: v.array(v.object({ buildState: v.string(), createdAt: v.number(), stateReason: v.nullish(v.string()) })),
});

const imageVersion = v.object({ resources: v.tuple([v.object({ minimumMemoryInMiB: v.number() })]) });

const quota = v.object({ Quota: v.object({ Value: v.number() }) });

const IMAGES = "/2025-09-09/microvm-images";

/** Reads over signed calls, at AWS or at the endpoints that the environment names. */
export function createAwsReader({ region, credentials }: AwsAccess, environment: Environment): AwsReader {
  const fetchOf = (service: string, at = region) =>
    createSignedFetch({
      service: signingName(service),
      region: at,
      credentials: () => credentials,
      endpoint: awsEndpoint(environment, service),
    });
  const lambda = createRestRpc(fetchOf("lambda"));
  const images = createRestRpc(fetchOf("lambda-microvms"));
  const sqs = createJsonRpc(fetchOf("sqs"), "AmazonSQS", "1.0");
  const quotas = createJsonRpc(fetchOf("servicequotas"), "ServiceQuotasV20190624", "1.1");
  const secrets = createSsmSecrets(fetchOf("ssm"));
  const microvms = createLambdaMicrovms(fetchOf("lambda-microvms"));
  const dynamodb = fetchOf("dynamodb");

  return {
    region,
    address: awsEndpoint(environment, "lambda") ?? awsServiceEndpoint("lambda", region),
    async functionEnvironment(name) {
      const path = `/2015-03-31/functions/${pathSegment(name)}/configuration`;
      const answer = await get(lambda, "GetFunctionConfiguration", path, configuration);
      return answer.Environment?.Variables ?? {};
    },
    async functionPolicy(name) {
      const path = `/2015-03-31/functions/${pathSegment(name)}/policy`;
      const operation = { name: "GetPolicy", method: "GET", path } as const;
      const errors = { ResourceNotFoundException: () => ({ Policy: [] }) };
      return (await lambda({ operation, answer: policyAnswer, what: `GetPolicy of ${name}`, errors })).Policy;
    },
    async quota(code) {
      const input = { ServiceCode: "lambda", QuotaCode: code };
      const what = `GetServiceQuota of ${code}`;
      return (await quotas({ operation: "GetServiceQuota", input, answer: quota, what })).Quota.Value;
    },
    async imageMemory(arn, version) {
      const path = `${IMAGES}/${pathSegment(arn)}/versions/${pathSegment(version)}`;
      const { resources } = await get(images, "GetMicrovmImageVersion", path, imageVersion);
      return resources[0].minimumMemoryInMiB;
    },
    appKey: (app) => findAppKey(fetchOf, app),
    parameter: (name) => secrets.get(name),
    async queue(url) {
      const input = { QueueUrl: url, AttributeNames: ["All"] };
      const what = `GetQueueAttributes of ${nameOf(url)}`;
      const read = (await sqs({ operation: "GetQueueAttributes", input, answer: attributes, what })).Attributes;
      const deadLetters = read.RedrivePolicy?.deadLetterTargetArn.split(":").at(-1);
      return {
        name: nameOf(url),
        visible: read.ApproximateNumberOfMessages,
        delayed: read.ApproximateNumberOfMessagesDelayed,
        inFlight: read.ApproximateNumberOfMessagesNotVisible,
        ...(deadLetters === undefined ? {} : { deadLetterUrl: url.replace(/[^/]+$/, deadLetters) }),
      };
    },
    async image(arn) {
      const answer = await get(images, "GetMicrovmImage", `${IMAGES}/${pathSegment(arn)}`, image);
      const { state, latestActiveImageVersion: active, latestFailedImageVersion: failed } = answer;
      return {
        state,
        ...(active ? { latestActiveVersion: active } : {}),
        ...(failed ? { latestFailedVersion: failed } : {}),
      };
    },
    async builds(arn, version) {
      const path = `${IMAGES}/${pathSegment(arn)}/versions/${pathSegment(version)}/builds`;
      const { items } = await get(images, "ListMicrovmImageBuilds", path, builds);
      return items.map(({ buildState, createdAt, stateReason }) => ({
        state: buildState,
        createdAt: new Date(createdAt * 1_000),
        ...(stateReason ? { reason: stateReason } : {}),
      }));
    },
    microvm: (id) => microvms.get(id),
    job: (table, id) => createDynamodbJobStore(dynamodb, table).get(id),
    ...createAlarmReader({ region, credentials }, environment),
    pause: (table) => createPauseFlag({ region, credentials }, environment, table).read(),
    runner: async (table, image) => ({
      state: await createDynamodbRefreshState(dynamodb, table, { image }).read(),
      releases: await createDynamodbReleases(dynamodb, table).read(),
      hold: await createDynamodbHold(dynamodb, table, { image }).read(),
    }),
  };
}

function get<Answer extends v.GenericSchema<unknown, unknown>>(
  rpc: Rpc<RestOperation>,
  name: string,
  path: string,
  answer: Answer,
): Promise<v.InferOutput<Answer>> {
  return rpc({ operation: { name, method: "GET", path }, answer, what: name });
}

function nameOf(url: string): string {
  return url.split("/").at(-1) ?? url;
}
