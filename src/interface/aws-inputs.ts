import { LIMITS } from "../../contract/limits.ts";
import { MAX_NAME_PREFIX_LENGTH, TIGHTEST_NAMES } from "../../contract/names.ts";
import { and, atMost, call, not, ref } from "../hcl/build.ts";
import type { Input } from "./input.ts";
import { distinctIgnoringCase, every, matches, nullOr, rule, wholeNumberWithin } from "./rules.ts";

/** CloudWatch Logs, PutRetentionPolicy. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
/** AWS allows 50 on a resource; the rest is for the module's own and the provider's default tags. */
const MAX_TAGS = 40;
/** Its roles' ARNs stand in the dispatcher's environment of 4 KB (github-inputs.ts). */
const MAX_ROLE_PATH = 100;
const BUCKET_NAME = ref("var.artifacts_bucket_name");
const TAG_TEXT = String.raw`[\p{L}\p{Z}\p{N}_.:/=+@-]`;

export const dispatcherInputs: readonly Input[] = [
  {
    name: "dispatcher_concurrency",
    type: ref("number"),
    description:
      "Most invocations of the dispatcher at once. A new AWS account allows 10 invocations of all functions together, of which the default leaves half to the webhook.",
    default: 5,
    validations: [
      rule(
        wholeNumberWithin(ref("var.dispatcher_concurrency"), LIMITS.dispatcherConcurrency),
        `dispatcher_concurrency must be a whole number ${LIMITS.dispatcherConcurrency}: the bounds of an event source mapping's maximum concurrency.`,
      ),
    ],
  },
  {
    name: "dispatcher_memory_size",
    type: ref("number"),
    description: "Dispatcher Lambda memory (MB).",
    default: 256,
    validations: [
      rule(
        wholeNumberWithin(ref("var.dispatcher_memory_size"), LIMITS.dispatcherMemorySize),
        `dispatcher_memory_size must be a whole number of megabytes ${LIMITS.dispatcherMemorySize}.`,
      ),
    ],
  },
  {
    name: "dispatcher_timeout",
    type: ref("number"),
    description: "Dispatcher Lambda timeout (seconds).",
    default: 30,
    validations: [
      rule(
        wholeNumberWithin(ref("var.dispatcher_timeout"), LIMITS.dispatcherTimeout),
        `dispatcher_timeout must be a whole number of seconds ${LIMITS.dispatcherTimeout}: a launch makes several calls to GitHub and AWS, and Lambda ends a function after ${LIMITS.dispatcherTimeout.high}.`,
      ),
    ],
  },
  {
    name: "max_concurrency",
    type: ref("number"),
    description:
      "Most MicroVMs that run at the same time; jobs above it wait until one is free. 0 sets no bound but the account's quota. -> MAX_CONCURRENCY.",
    default: 0,
    validations: [
      rule(
        wholeNumberWithin(ref("var.max_concurrency"), LIMITS.maxConcurrency),
        `max_concurrency must be a whole number ${LIMITS.maxConcurrency}: the number of MicroVMs that may run at once, or 0 for as many as the account's quota allows.`,
      ),
    ],
  },
  {
    name: "max_concurrency_per_repository",
    type: ref("number"),
    description:
      "Most MicroVMs that run at the same time for jobs of one repository, below max_concurrency, which stays the total. 0 sets no such bound. -> MAX_CONCURRENCY_PER_REPOSITORY.",
    default: 0,
    validations: [
      rule(
        wholeNumberWithin(ref("var.max_concurrency_per_repository"), LIMITS.maxConcurrencyPerRepository),
        `max_concurrency_per_repository must be a whole number ${LIMITS.maxConcurrencyPerRepository}: the number of MicroVMs that may run at once for one repository, or 0 for as many as all may have.`,
      ),
    ],
  },
];

export const generalInputs: readonly Input[] = [
  {
    name: "artifacts_bucket_name",
    type: ref("string"),
    description:
      "Override the S3 artifacts bucket name. Default (null) creates one named '<name_prefix>-artifacts-<account_id>'.",
    default: null,
    nullable: true,
    validations: [
      rule(
        nullOr(BUCKET_NAME, matches(BUCKET_NAME, "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")),
        "artifacts_bucket_name must have 3 to 63 lower-case letters, digits, dots and hyphens, and begin and end with a letter or digit; or leave it null.",
      ),
      rule(
        nullOr(
          BUCKET_NAME,
          not(
            matches(
              BUCKET_NAME,
              String.raw`\.\.|^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$|^xn--|^sthree-|^amzn-s3-demo-|-s3alias$|--ol-s3$|\.mrap$|--x-s3$|--table-s3$`,
            ),
          ),
        ),
        "artifacts_bucket_name is of a form that S3 keeps for itself: no two dots in a row, no IP address, no beginning xn--, sthree- or amzn-s3-demo-, no ending -s3alias, --ol-s3, .mrap, --x-s3 or --table-s3. Choose another name, or leave it null.",
      ),
    ],
  },
  {
    name: "kms_key_arn",
    type: ref("string"),
    description:
      "ARN of your own KMS key for the parameters with secrets, the queues, the table, the bucket and the logs. Its policy must let CloudWatch Logs use it. Default (null) leaves the encryption to each service's own keys.",
    default: null,
    nullable: true,
    validations: [
      rule(
        nullOr(
          ref("var.kms_key_arn"),
          matches(ref("var.kms_key_arn"), "^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$"),
        ),
        "kms_key_arn must be the whole ARN of a key, arn:aws:kms:<region>:<account>:key/<id>, or null. The ARN of an alias is not enough: IAM policies name keys by their own ARN, and CloudWatch Logs takes no alias.",
      ),
    ],
  },
  {
    name: "log_retention_days",
    type: ref("number"),
    description: "CloudWatch retention (days) for the dispatcher and runner log groups.",
    default: 14,
    validations: [
      rule(
        call("contains", RETENTION_DAYS, ref("var.log_retention_days")),
        `log_retention_days must be one of the values that CloudWatch accepts: ${RETENTION_DAYS.join(", ")}.`,
      ),
    ],
  },
  {
    name: "name_prefix",
    type: ref("string"),
    description: "Prefix for every created resource (roles, lambda, secret, bucket, image).",
    default: "gha-microvm",
    validations: [
      rule(
        and(
          matches(ref("var.name_prefix"), "^[a-z][a-z0-9-]*[a-z0-9]$"),
          atMost(call("length", ref("var.name_prefix")), MAX_NAME_PREFIX_LENGTH),
        ),
        `name_prefix must have 2 to ${MAX_NAME_PREFIX_LENGTH} lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen: it becomes part of ${TIGHTEST_NAMES.join(" and ")}.`,
      ),
      rule(
        not(matches(ref("var.name_prefix"), "^(aws|ssm|xn--|sthree-|amzn-s3-demo-)")),
        "name_prefix must not begin with aws or ssm, which SSM refuses in parameter names, nor with xn--, sthree- or amzn-s3-demo-, which S3 refuses in bucket names: choose another prefix, such as gha-microvm.",
      ),
    ],
  },
  {
    name: "permissions_boundary",
    type: ref("string"),
    description:
      "ARN of the IAM policy that bounds what every role of the module may do. Default (null) sets no permissions boundary.",
    default: null,
    nullable: true,
    validations: [
      rule(
        nullOr(
          ref("var.permissions_boundary"),
          matches(ref("var.permissions_boundary"), "^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[A-Za-z0-9_+=,.@/-]+$"),
        ),
        "permissions_boundary must be the whole ARN of an IAM policy, such as arn:aws:iam::123456789012:policy/boundary, not its name; or leave it null.",
      ),
    ],
  },
  {
    name: "role_path",
    type: ref("string"),
    description: "Path of every IAM role of the module, such as /ci/runners/. Another path replaces the roles.",
    default: "/",
    validations: [
      rule(
        and(
          matches(ref("var.role_path"), "^/([A-Za-z0-9_+=,.@-]+/)*$"),
          atMost(call("length", ref("var.role_path")), MAX_ROLE_PATH),
        ),
        `role_path must begin and end with a slash, such as /ci/runners/, have letters, digits and _ + = , . @ - between the slashes, and at most ${MAX_ROLE_PATH} characters; write / for none.`,
      ),
    ],
  },
  {
    name: "table_point_in_time_recovery",
    type: ref("bool"),
    description: "Whether DynamoDB keeps the jobs table's past, so that it can be restored as it was at any second.",
    default: false,
  },
  {
    name: "tags",
    type: call("map", ref("string")),
    description: "Tags applied to all taggable resources.",
    default: {},
    validations: [
      rule(
        atMost(call("length", ref("var.tags")), MAX_TAGS),
        `tags must have at most ${MAX_TAGS} entries: AWS allows 50 on a resource, and the rest is kept for the module's own and the provider's default tags.`,
      ),
      rule(
        every(call("keys", ref("var.tags")), "key", (key) =>
          and(not(call("startswith", call("lower", key), "aws:")), matches(key, `^${TAG_TEXT}{1,128}$`)),
        ),
        "tags must have keys of 1 to 128 letters, digits, spaces and _ . : / = + - @ that do not begin with aws:, which AWS keeps for itself.",
      ),
      rule(
        distinctIgnoringCase(call("keys", ref("var.tags")), "key"),
        "tags must not have keys that differ in nothing but case, which IAM refuses: keep one of them.",
      ),
      rule(
        every(call("values", ref("var.tags")), "value", (value) => matches(value, `^${TAG_TEXT}{0,256}$`)),
        "tags must have values of at most 256 letters, digits, spaces and _ . : / = + - @; use an empty string for none, not null.",
      ),
    ],
  },
];
