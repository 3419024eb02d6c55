/**
 * The environment that each function reads. Values arrive as strings; a schema's output is what the code works with.
 */
import * as v from "valibot";
import { LIMITS, type Limit } from "./limits.ts";
import { nonEmpty } from "./values.ts";

const url = v.pipe(v.string(), v.url("must be a URL"), v.regex(/[^/]$/, "must not end with a slash"));

export const commaSeparated = v.pipe(
  v.string(),
  v.transform((text) => text.split(",").filter((item) => item !== "")),
);

const flag = v.pipe(
  v.picklist(["true", "false"], "must be true or false"),
  v.transform((text) => text === "true"),
);

export const wholeNumber = ({ low, high }: Limit) =>
  v.pipe(
    v.string(),
    v.regex(/^\d+$/, "must be a whole number"),
    v.transform(Number),
    v.minValue(low, `must be at least ${low}`),
    v.maxValue(high, `must be at most ${high}`),
  );

/**
 * The schema of one function's environment. Free of effects as bundlers understand it, even where its entries are
 * spread or read from elsewhere: each function's file has its own schema alone.
 */
/* @__NO_SIDE_EFFECTS__ */
function environmentOf<const Entries extends v.ObjectEntries>(
  entries: () => Entries,
): v.ObjectSchema<Entries, undefined> {
  return v.object(entries());
}

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
  /**
   * Name and version, `NAME:VERSION`, of the SSM parameter that holds the other classes of runners; absent or empty:
   * there are none.
   */
  CLASSES_PARAM: v.optional(v.string(), ""),
  /** Begins the name of each runner, so that an event about a runner tells whether it is ours. */
  RUNNER_NAME_PREFIX: nonEmpty,
};

/** Environment of the webhook function. Values arrive as strings; the schema's output is what the code works with. */
export const webhookEnvironment = environmentOf(() => ({
  ...scopeEnvironment,
  /** URL of the jobs queue. */
  QUEUE_URL: url,
  /** Name of the SSM parameter that holds a {@link webhookSecret}. */
  WEBHOOK_SECRET_PARAM: nonEmpty,
  /** Generation of the webhook's secret. Nothing reads it: a change has Lambda start afresh, with nothing in memory. */
  WEBHOOK_SECRET_GENERATION: nonEmpty,
}));

/** Environment of the dispatcher function. */
export const dispatcherEnvironment = environmentOf(() => ({
  ...scopeEnvironment,
  /** URL of the jobs queue, to which the dispatcher sends its own follow-up messages. */
  QUEUE_URL: url,
  /** Name of the DynamoDB jobs table. */
  TABLE_NAME: nonEmpty,
  /** Name of the SSM parameter that holds a {@link dispatcherSecret}. */
  SECRET_PARAM: nonEmpty,
  /** Base URL of GitHub's REST API: `https://api.github.com`, or `https://HOST/api/v3` on GitHub Enterprise Server. */
  GH_API_URL: url,
  /**
   * Runner group of the organization to register runners in; absent or empty: each is registered in its job's
   * repository.
   */
  RUNNER_GROUP_ID: v.optional(wholeNumber(LIMITS.runnerGroupId)),
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
  MAX_DURATION_SECONDS: wholeNumber(LIMITS.maxDurationSeconds),
  /** Whether jobs of forks' pull requests to public repositories are served. */
  ALLOW_FORK_PULL_REQUESTS: flag,
  /** What the image gives each MicroVM, in MiB, for logs; absent: not told. */
  MEMORY_MIB: v.optional(wholeNumber(LIMITS.imageMemoryMib)),
  /** Whether nothing is launched for now; absent: it is. */
  PAUSED: v.optional(flag, "false"),
  /** How many MicroVMs may exist at once; 0: as many as the account allows. */
  MAX_CONCURRENCY: wholeNumber(LIMITS.maxConcurrency),
  /** How many of one repository may exist at once; absent or 0: as many as MAX_CONCURRENCY allows. */
  MAX_CONCURRENCY_PER_REPOSITORY: v.optional(wholeNumber(LIMITS.maxConcurrencyPerRepository), "0"),
  /** Function URL of the webhook function, without a trailing slash: the MicroVM makes its finish call there. */
  FINISH_BASE_URL: url,
}));

/** Environment of the redeliver function. */
export const redeliverEnvironment = environmentOf(() => ({
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
  /** As the dispatcher's: GitHub is asked about the runners in all images. */
  CLASSES_PARAM: v.optional(v.string(), ""),
  /** As the dispatcher's: GitHub is asked about its runner in the first. */
  GH_REPOSITORIES: v.optional(commaSeparated, ""),
  /** As the dispatcher's: with one GitHub is asked in the organization. */
  RUNNER_GROUP_ID: v.optional(wholeNumber(LIMITS.runnerGroupId)),
}));

/** Environment of the prune function. */
export const pruneEnvironment = environmentOf(() => ({
  /** Full ARN of the MicroVM image, as the dispatcher's. */
  IMAGE_ARN: nonEmpty,
  /** Version that the dispatcher launches; absent or empty: the latest active one. */
  IMAGE_VERSION: v.optional(v.string(), ""),
  /** As the dispatcher's: classes may have images of their own, and pin versions. */
  CLASSES_PARAM: v.optional(v.string(), ""),
  /** How many of the newest built versions stay, whether they are used or not. */
  IMAGE_VERSIONS_KEPT: wholeNumber(LIMITS.imageVersionsKept),
}));

export type WebhookEnvironment = v.InferOutput<typeof webhookEnvironment>;

export type DispatcherEnvironment = v.InferOutput<typeof dispatcherEnvironment>;

export type RedeliverEnvironment = v.InferOutput<typeof redeliverEnvironment>;

export type PruneEnvironment = v.InferOutput<typeof pruneEnvironment>;
