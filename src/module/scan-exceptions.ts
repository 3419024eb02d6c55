import type { Exception } from "../synth/except.ts";

/** What each function leaves out that checkov asks of functions. */
export const FUNCTION_EXCEPTIONS: readonly Exception[] = [
  {
    rule: "CKV_AWS_50",
    reason:
      "tracing would add rights and an SDK to the path of a delivery; logs carry the ids of delivery, job and launch",
  },
  {
    rule: "CKV_AWS_115",
    reason:
      "reserved concurrency is taken from the account's pool; the queue's maximum_concurrency bounds the dispatcher",
  },
  {
    rule: "CKV_AWS_116",
    reason:
      "for asynchronous calls, of which there are none but the schedules' that come again; the jobs queue has its own",
  },
  {
    rule: "CKV_AWS_117",
    reason: "it reaches GitHub and AWS's public endpoints only: a VPC would add a NAT gateway and isolate nothing",
  },
  { rule: "CKV_AWS_173", reason: "nothing in the environment is secret" },
  {
    rule: "CKV_AWS_272",
    reason: "a signing profile is the account's, and the hash of the code stands in the module",
  },
];

export const FUNCTION_URL_EXCEPTION: Exception = {
  rule: "CKV_AWS_258",
  reason: "GitHub cannot sign for IAM, and each request is authenticated by its HMAC",
};

export const LOG_GROUP_EXCEPTION: Exception = {
  rule: "CKV_AWS_338",
  reason: "how long logs are kept is the caller's to say with log_retention_days",
};

export const STACK_EXCEPTION: Exception = {
  rule: "CKV_AWS_124",
  reason: "Terraform waits for the stack and says how it ended; nobody else is to be told",
};

export const SCHEDULE_EXCEPTION: Exception = { rule: "CKV_AWS_297", reason: "the schedule carries no data" };

export const TABLE_EXCEPTION: Exception = {
  rule: "CKV_AWS_28",
  reason: "on with table_point_in_time_recovery; records live for days, and GitHub is asked again",
};

/** Of the parameter that holds no secret. */
export const PLAIN_PARAMETER_EXCEPTION: Exception = {
  rule: "CKV2_AWS_34",
  reason: "it holds ids of webhooks, and nothing secret",
};

/** Of the parameter with the classes of runners. */
export const CLASSES_EXCEPTION: Exception = {
  rule: "CKV2_AWS_34",
  reason: "it says what classes there are, and nothing secret",
};

export const BUCKET_EXCEPTIONS: readonly Exception[] = [
  {
    rule: "CKV_AWS_18",
    reason: "an access log needs a second bucket; CloudTrail data events do the same where they are wanted",
  },
  { rule: "CKV_AWS_144", reason: "the module brings the content again in any Region" },
  { rule: "CKV2_AWS_62", reason: "nobody would listen to event notifications" },
];
