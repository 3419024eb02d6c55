/**
 * What the generator, the dispatcher and the supervisor agree on: the environment each function reads, the secrets it
 * fetches, the queue's messages and the payload that a MicroVM receives. Each is declared here once; a name changed here
 * changes the generated Terraform, the functions and the supervisor together, or the build fails.
 */
import * as v from "valibot";

const nonEmpty = v.pipe(v.string(), v.nonEmpty("must not be empty"));
const url = v.pipe(v.string(), v.url("must be a URL"), v.regex(/[^/]$/, "must not end with a slash"));
const commaSeparated = v.pipe(
  v.string(),
  v.transform((text) => text.split(",").filter((item) => item !== "")),
);
const wholeNumber = (low: number, high: number) =>
  v.pipe(
    v.string(),
    v.regex(/^\d+$/, "must be a whole number"),
    v.transform(Number),
    v.minValue(low, `must be at least ${low}`),
    v.maxValue(high, `must be at most ${high}`),
  );

/** Which jobs are ours. Both functions enforce it, so that neither has to trust the other. */
const scopeEnvironment = {
  /** Labels that a job must all carry, comma-separated. */
  REQUIRED_LABELS: v.pipe(commaSeparated, v.minLength(1, "must name at least one label")),
  /** Labels that the runner registers with, comma-separated: a job that asks for any other could never run on it. */
  RUNNER_LABELS: v.pipe(commaSeparated, v.minLength(1, "must name at least one label")),
  /** The organization or user whose repositories are served. */
  GH_OWNER: nonEmpty,
  /** Names, without the owner, of the repositories served, comma-separated; absent or empty: all of the owner's. */
  GH_REPOSITORIES: v.optional(commaSeparated, ""),
  /** Begins the name of each runner, so that an event about a runner tells whether it is ours. */
  RUNNER_NAME_PREFIX: nonEmpty,
};

/** Environment of the webhook function. Values arrive as strings; the schema's output is what the code works with. */
export const webhookEnvironment = v.object({
  ...scopeEnvironment,
  /** URL of the jobs queue. */
  QUEUE_URL: url,
  /** Name of the SSM parameter that holds a {@link webhookSecret}. */
  WEBHOOK_SECRET_PARAM: nonEmpty,
  /** Generation of the webhook's secret. Nothing reads it: a change has Lambda start afresh, with nothing in memory. */
  WEBHOOK_SECRET_GENERATION: nonEmpty,
});

/** Environment of the dispatcher function. */
export const dispatcherEnvironment = v.object({
  ...scopeEnvironment,
  /** URL of the jobs queue, to which the dispatcher sends its own follow-up messages. */
  QUEUE_URL: url,
  /** Name of the DynamoDB jobs table. */
  TABLE_NAME: nonEmpty,
  /** Name of the SSM parameter that holds a {@link dispatcherSecret}. */
  SECRET_PARAM: nonEmpty,
  /** Base URL of GitHub's REST API: `https://api.github.com`, or `https://HOST/api/v3` on GitHub Enterprise Server. */
  GH_API_URL: url,
  /** Runner group of the organization to register runners in; absent or empty: each is registered in its job's repository. */
  RUNNER_GROUP_ID: v.optional(wholeNumber(1, 2_147_483_647)),
  /** Full ARN of the MicroVM image: the service refuses a bare name. */
  IMAGE_ARN: nonEmpty,
  /** Version to launch, such as `3.0`; absent or empty: the latest active one, which the service resolves. */
  IMAGE_VERSION: v.optional(v.string(), ""),
  /** Role of the MicroVM; without one it could not write its logs. */
  EXEC_ROLE_ARN: nonEmpty,
  /** Always explicit: a launch that names none gets a public endpoint. */
  INGRESS_CONNECTOR_ARN: nonEmpty,
  /** Always explicit too: naming none would not switch egress off. */
  EGRESS_CONNECTOR_ARN: nonEmpty,
  /** CloudWatch log group of the MicroVMs. */
  LOG_GROUP: nonEmpty,
  /** The service ends a MicroVM after this many seconds, whatever it is doing. */
  MAX_DURATION_SECONDS: wholeNumber(60, 28_800),
  /** Whether jobs of forks' pull requests to public repositories are served. */
  ALLOW_FORK_PULL_REQUESTS: v.pipe(
    v.picklist(["true", "false"], "must be true or false"),
    v.transform((text) => text === "true"),
  ),
  /** How many MicroVMs may exist at once; 0: as many as the account allows. */
  MAX_CONCURRENCY: wholeNumber(0, 2_000),
  /** Function URL of the webhook function, without a trailing slash: the MicroVM makes its finish call there. */
  FINISH_BASE_URL: url,
});

/** Environment of the redeliver function. */
export const redeliverEnvironment = v.object({
  /** The organization or user whose webhooks are looked after. */
  GH_OWNER: nonEmpty,
  /** Base URL of GitHub's REST API, as the dispatcher's. */
  GH_API_URL: url,
  /** Name of the DynamoDB jobs table. */
  TABLE_NAME: nonEmpty,
  /** Name of the SSM parameter that holds a {@link dispatcherSecret}. */
  SECRET_PARAM: nonEmpty,
  /** Name of the SSM parameter that holds {@link managedHooks}, which could outgrow an environment. */
  HOOKS_PARAM: nonEmpty,
});

/** Environment of the prune function. */
export const pruneEnvironment = v.object({
  /** Full ARN of the MicroVM image, as the dispatcher's. */
  IMAGE_ARN: nonEmpty,
  /** Version that the dispatcher launches; absent or empty: the latest active one. */
  IMAGE_VERSION: v.optional(v.string(), ""),
  /** How many of the newest built versions stay, whether they are used or not. */
  IMAGE_VERSIONS_KEPT: wholeNumber(1, 40),
});

export type WebhookEnvironment = v.InferOutput<typeof webhookEnvironment>;
export type DispatcherEnvironment = v.InferOutput<typeof dispatcherEnvironment>;
export type RedeliverEnvironment = v.InferOutput<typeof redeliverEnvironment>;
export type PruneEnvironment = v.InferOutput<typeof pruneEnvironment>;

/** What the webhook function's SSM parameter holds, as JSON. Several secrets are valid at once while one is rotated. */
export const webhookSecret = v.object({
  webhook_secrets: v.pipe(v.array(nonEmpty), v.minLength(1)),
});

/** Where the App's private key is: exactly one of these is given. PEM is PKCS#1, as GitHub hands it out, or PKCS#8. */
const keyPlaces = {
  /** The PEM itself. */
  private_key: v.nullish(nonEmpty),
  /** An SSM parameter that holds the PEM. */
  ssm_parameter_arn: v.nullish(nonEmpty),
  /** A Secrets Manager secret that holds the PEM. */
  secretsmanager_secret_arn: v.nullish(nonEmpty),
  /** A KMS key that signs in the key's place: the key itself never leaves KMS. */
  kms_signing_key_arn: v.nullish(nonEmpty),
};

/** What the dispatcher's SSM parameter holds, as JSON. */
export const dispatcherSecret = v.object({
  webhook_secrets: v.pipe(v.array(nonEmpty), v.minLength(1)),
  github_app: v.pipe(
    v.object({ app_id: nonEmpty, installation_id: v.nullish(nonEmpty), ...keyPlaces }),
    v.check(
      (app) =>
        [app.private_key, app.ssm_parameter_arn, app.secretsmanager_secret_arn, app.kms_signing_key_arn].filter(
          (place) => place != null,
        ).length === 1,
      "must name exactly one place of the private key",
    ),
  ),
});

export type WebhookSecret = v.InferOutput<typeof webhookSecret>;
export type DispatcherSecret = v.InferOutput<typeof dispatcherSecret>;

/** GitHub's ids are integers that fit a double (2^53); larger ones would have lost digits in JSON already. */
const id = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

/** Ids of the webhooks that Terraform manages, as JSON in an SSM parameter; there being none, the App's own is meant. */
export const managedHooks = v.object({
  organization: v.nullish(id),
  /** By the repository's name without its owner. */
  repositories: v.record(v.string(), id),
});

export type ManagedHooks = v.InferOutput<typeof managedHooks>;

/** `owner/name`, by the characters that GitHub allows in each. */
const repository = v.pipe(v.string(), v.maxLength(140), v.regex(/^[A-Za-z0-9-_.]+\/[A-Za-z0-9-_.]+$/));
/** `<job id>-<launch number>`: names one launch for ever. */
const launchId = v.pipe(v.string(), v.regex(/^[1-9]\d{0,15}-[1-9]\d{0,3}$/));

/** Set on the copy of a message whose handling was put off: an attempt at it has been made. */
const again = v.optional(v.literal(true));

/** A job that GitHub queued and that is ours to serve. */
export const launchMessage = v.object({
  type: v.literal("launch"),
  jobId: id,
  runId: id,
  repository,
  labels: v.pipe(v.array(v.pipe(v.string(), v.maxLength(256))), v.maxLength(100)),
  /** `X-GitHub-Delivery` of the delivery that brought the job. */
  deliveryId: v.pipe(v.string(), v.maxLength(64)),
  /** Present when the delivery came from the App's own webhook. */
  installationId: v.optional(id),
  /** Everybody may fork the repository and open a pull request. */
  isPublic: v.optional(v.literal(true)),
  again,
});

/** GitHub gave a job to a runner that was made for another. */
export const startedMessage = v.object({
  type: v.literal("started"),
  /** The job that started. */
  jobId: id,
  /** The launch whose runner has it. */
  launchId,
  again,
});

/** A job is over, or a MicroVM says that its runner has exited. */
export const finishMessage = v.object({
  type: v.literal("finish"),
  source: v.picklist(["completed", "vm"]),
  /** The launch whose runner ran the job, which need not be the launch made for it; absent when the job never ran. */
  launchId: v.optional(launchId),
  /** The job that is over, and where it ran; absent in a MicroVM's call. */
  jobId: v.optional(id),
  runId: v.optional(id),
  repository: v.optional(repository),
  /** GitHub's conclusion, such as `success` or `cancelled`. */
  conclusion: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(32)))),
  again,
});

/** The timer that follows one job until it has run and nothing of it is left. */
export const watchMessage = v.object({
  type: v.literal("watch"),
  jobId: id,
  /** ISO 8601: the record says which `due` counts, so that a stray copy starts no second chain. */
  due: v.pipe(v.string(), v.isoTimestamp()),
  again,
});

/** Everything that travels through the jobs queue. */
export const queueMessage = v.variant("type", [launchMessage, startedMessage, watchMessage, finishMessage]);

export type LaunchMessage = v.InferOutput<typeof launchMessage>;
export type StartedMessage = v.InferOutput<typeof startedMessage>;
export type WatchMessage = v.InferOutput<typeof watchMessage>;
export type FinishMessage = v.InferOutput<typeof finishMessage>;
export type QueueMessage = v.InferOutput<typeof queueMessage>;

/** Path of the finish call below the webhook function's URL. */
export const FINISH_PATH = "/finish";

/** Body of the finish call: `mac` proves that the caller was given this launch's payload. */
export const finishCall = v.object({
  launchId,
  /** Unix time in seconds after which the call is refused. */
  expiresAt: v.pipe(v.number(), v.safeInteger()),
  /** HMAC-SHA256, hexadecimal. */
  mac: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

export type FinishCall = v.InferOutput<typeof finishCall>;

/**
 * RunMicrovm accepts 4,096 bytes of `runHookPayload`, whatever its documentation says of 16 KB
 * (docs/PLATFORM-NOTES.md#run-hook-payload).
 */
export const MAX_RUN_PAYLOAD_BYTES = 4_096;

/**
 * What one MicroVM is told when it starts; travels deflated and base64-encoded as `runHookPayload`. It holds nothing that
 * serves twice: a just-in-time runner configuration and a MAC that is good for this launch's finish call.
 */
export const runPayload = v.object({
  version: v.literal(1),
  launchId,
  /**
   * GitHub's `encoded_jit_config`, unwrapped: file name to file text. Base64 within base64 does not compress; the text
   * does, from about 4.2 KB to about 2.2 KB. The supervisor wraps it again.
   */
  jitConfig: v.record(v.string(), v.string()),
  finish: v.object({
    url: v.pipe(v.string(), v.url()),
    expiresAt: v.pipe(v.number(), v.safeInteger()),
    mac: v.string(),
  }),
  /** AWS Region: the guest's environment may lack it. */
  region: nonEmpty,
  maxDurationSeconds: v.pipe(v.number(), v.safeInteger()),
});

export type RunPayload = v.InferOutput<typeof runPayload>;

/** TCP port on which the supervisor answers the MicroVM lifecycle hooks. */
export const HOOK_PORT = 9000;
/** Every hook is a `POST` below this path (Lambda MicroVMs guide, lifecycle hooks). */
export const HOOK_BASE_PATH = "/aws/lambda-microvms/runtime/v1";
