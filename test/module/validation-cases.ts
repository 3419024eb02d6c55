import { CUSTOMISATION_CASES } from "./customisation-cases.ts";
import { DOCKER_CASES } from "./docker-cases.ts";
import { FAILING_INPUTS_CASES } from "./failing-inputs-cases.ts";
import { IMAGE_REFRESH_CASES } from "./image-refresh-cases.ts";
import { KEY_CASES } from "./key-cases.ts";
import { APP_KEY, GOOD_CALL } from "./open-module.ts";
import { STORAGE_CASES } from "./storage-cases.ts";
import type { ValidationCase } from "./validation-case.ts";

const app = (change: Record<string, unknown>) => ({ github_app: { ...Object(GOOD_CALL.github_app), ...change } });
const repositories = (...names: string[]) => ({ github_organization: null, github_repositories: names });
const numbers = (name: string, ...values: number[]) => values.map((value) => ({ [name]: value }));
const texts = (name: string, ...values: string[]) => values.map((value) => ({ [name]: value }));
const labels = (name: string, ...values: string[]) =>
  name === "runner_labels"
    ? { required_labels: values.slice(0, 1), runner_labels: values }
    : { required_labels: values, runner_labels: values };
const tags = (count: number, key = "k", value = "v") => ({
  tags: Object.fromEntries(Array.from({ length: count }, (_, index) => [`${key}${index}`, value])),
});
const topics = (count: number) =>
  Array.from({ length: count }, (_, index) => `arn:aws:sns:eu-west-1:123456789012:alerts-${index}`);
const PEM_LINES = APP_KEY.trim().split("\n");

function labelCases(name: "required_labels" | "runner_labels"): ValidationCase[] {
  const long = (count: number) => Array.from({ length: count }, (_, i) => `label-${i}`.padEnd(44, "x"));
  return [
    {
      what: `${name} without a label`,
      message: `${name} must name at least one label`,
      bad: [{ [name]: [] }],
      good: [labels(name, "one")],
    },
    {
      what: `${name} with the label of a run`,
      message: `${name} must hold no label with -run- and a number in it`,
      bad: [{ [name]: ["microvm-run-1"] }, { [name]: ["self-hosted", "microvm", "MICROVM-run-12-linux"] }],
      good: [labels(name, "microvm-run", "dry-run-x1")],
    },
    {
      what: `${name} with a comma, a space or nothing in a label`,
      message: `${name} must hold labels without commas, spaces or line breaks`,
      bad: [{ [name]: ["a,b"] }, { [name]: ["a b"] }, { [name]: [""] }],
      good: [labels(name, "a-b_c.d:e")],
    },
    {
      what: `${name} with a label twice`,
      message: `${name} names a label twice`,
      bad: [{ [name]: ["microvm", "MicroVM"] }],
      good: [labels(name, "linux", "linux2")],
    },
    {
      what: `${name} of more characters than an environment can hold`,
      message: `${name} is too long`,
      bad: [{ [name]: long(11) }],
      good: [labels(name, ...long(10))],
    },
  ];
}

/** Every rule of the module. */
export const VALIDATION_CASES: ValidationCase[] = [
  ...KEY_CASES,
  {
    what: "an App id that is no number",
    message: "github_app.app_id must be the numeric App ID as a string",
    bad: [app({ app_id: "Iv1.8a61f9b3a7aba766" }), app({ app_id: "" }), app({ app_id: "0" })],
    good: [app({ app_id: "1" })],
  },
  {
    what: "a runner group that is no id",
    message: "runner_group_id must be the number of a runner group",
    bad: numbers("runner_group_id", 0, 1.5, 2_147_483_648),
    good: numbers("runner_group_id", 1, 2_147_483_647),
  },
  {
    what: "an installation id that is no number",
    message: "github_app.installation_id must be a number as a string",
    bad: [app({ installation_id: "my-org" }), app({ installation_id: "" })],
    good: [app({ installation_id: "1" })],
  },
  {
    what: "managed webhooks without an installation id",
    message: "github_app.installation_id is required when manage_webhooks is true",
    pair: true,
    bad: [app({ installation_id: null })],
    good: [{ ...app({ installation_id: null }), manage_webhooks: false }],
  },
  {
    what: "the path of a private key",
    message: "github_app.private_key must be the contents of the PEM file, not its path or name",
    bad: [app({ private_key: "app.pem" }), app({ private_key: "" })],
    good: [app({ private_key: `\n${APP_KEY}\n` })],
  },
  {
    what: "a private key that is cut off, of another kind or encrypted",
    message: "github_app.private_key must be one whole PEM private key",
    bad: [
      app({ private_key: PEM_LINES.slice(0, -1).join("\n") }),
      app({ private_key: APP_KEY.replaceAll("RSA PRIVATE KEY", "PUBLIC KEY") }),
      app({ private_key: APP_KEY.replaceAll("RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY") }),
      app({ private_key: APP_KEY + APP_KEY }),
    ],
    good: [
      app({ private_key: APP_KEY.replaceAll("RSA PRIVATE KEY", "PRIVATE KEY") }),
      app({ private_key: APP_KEY.replaceAll("\n", "\r\n") }),
    ],
  },
  {
    what: "an API URL that ends with a slash",
    message: "github_api_url must not end with a slash",
    bad: texts("github_api_url", "https://api.github.com/"),
    good: texts("github_api_url", "https://api.github.com"),
  },
  {
    what: "an API URL that is no plain https URL",
    message: "github_api_url must be an https URL",
    bad: texts("github_api_url", "api.github.com", "http://api.github.com", "https://a@b.com", "https://b.com?x=y", ""),
    good: texts(
      "github_api_url",
      "https://github.example.com:8443/api/v3",
      "http://localhost:3000",
      "http://127.0.0.1:80",
    ),
  },
  {
    what: "an organization that is no login",
    message: "github_organization must be the login of an organization or user",
    bad: texts("github_organization", "https://github.com/my-org", "my-org/repo", "@my-org", ""),
    good: texts("github_organization", "o", "My-Org_enterprise"),
  },
  {
    what: "no scope at all",
    message: "No scope is given",
    pair: true,
    bad: [{ github_organization: null, github_repositories: [] }],
    good: [repositories("my-org/one")],
  },
  {
    what: "a repository that is not owner/name",
    message: "github_repositories must hold entries of the form owner/name",
    bad: [
      repositories("one"),
      repositories("https://github.com/my-org/one"),
      repositories("my-org/*"),
      repositories(""),
    ],
    good: [repositories("my-org/.github"), repositories("my-org/a_b.c-d")],
  },
  {
    what: "a repository named twice",
    message: "github_repositories names a repository twice",
    bad: [repositories("my-org/one", "my-org/One")],
    good: [repositories("my-org/one", "my-org/two")],
  },
  {
    what: "repositories of two owners",
    message: "github_repositories must all belong to one owner",
    bad: [repositories("my-org/one", "other/two")],
    good: [repositories("my-org/one", "My-Org/two")],
  },
  {
    what: "repositories of another owner than the organization",
    message: "github_repositories must belong to github_organization",
    pair: true,
    bad: [{ github_organization: "my-org", github_repositories: ["other/one"] }],
    good: [{ github_organization: "my-org", github_repositories: ["MY-ORG/one"] }],
  },
  {
    what: "more repositories than an environment can hold",
    message: "github_repositories is too long",
    bad: [repositories(...Array.from({ length: 15 }, (_, i) => `my-org/${String(i).padEnd(100, "x")}`))],
    good: [repositories(...Array.from({ length: 14 }, (_, i) => `my-org/${String(i).padEnd(100, "x")}`))],
  },
  {
    what: "a capability that does not exist",
    message: 'additional_os_capabilities must be ["ALL"]',
    bad: [{ additional_os_capabilities: ["SYS_ADMIN"] }, { additional_os_capabilities: ["ALL", "ALL"] }],
    good: [{ additional_os_capabilities: ["ALL"] }, { additional_os_capabilities: [], docker_images: [] }],
  },
  {
    what: "a base image that is named by its ARN",
    message: "base_image_name must be the short name",
    bad: texts("base_image_name", "arn:aws:lambda:eu-west-1:aws:microvm-image:al2023-1", ""),
    good: texts("base_image_name", "al2023-2"),
  },
  {
    what: "a base image version with a minor number",
    message: "base_image_version must be the major version alone",
    bad: texts("base_image_version", "0.0", "", "01", "latest"),
    good: texts("base_image_version", "10"),
  },
  {
    what: "an image version without its .0",
    message: "image_version must be a version of the runner image",
    bad: texts("image_version", "3", "latest", "", "0.0"),
    good: texts("image_version", "12.0"),
  },
  {
    what: "a maximum duration out of bounds",
    message: "max_duration_seconds must be a whole number from 60 to 28800",
    bad: numbers("max_duration_seconds", 59, 28_801, 60.5),
    good: numbers("max_duration_seconds", 60, 28_800),
  },
  ...labelCases("required_labels"),
  {
    what: "a required label that no runner has",
    message: "required_labels must all be in runner_labels",
    pair: true,
    bad: [{ required_labels: ["gpu"] }],
    good: [{ required_labels: ["MicroVM"] }],
  },
  ...CUSTOMISATION_CASES,
  ...FAILING_INPUTS_CASES,
  ...DOCKER_CASES,
  ...IMAGE_REFRESH_CASES,
  ...STORAGE_CASES,
  ...labelCases("runner_labels"),
  {
    what: "a class that is null",
    message: "runner_classes has a class that is null",
    bad: [{ runner_classes: { large: null } }],
    good: [{ runner_classes: {} }, { runner_classes: { large: {} } }],
  },
  {
    what: "a class whose name is none",
    message: "runner_classes must have names of 2 to 20",
    bad: ["default", "Large", "l", "large-", "1large", "l".repeat(21)].map((name) => ({
      runner_classes: { [name]: {} },
    })),
    good: ["ab", "l".repeat(20), "large-2"].map((name) => ({ runner_classes: { [name]: {} } })),
  },
  {
    what: "a memory size between the tiers",
    message: "runner_memory_mib must be one of the sizes",
    bad: numbers("runner_memory_mib", 1_000, 16_384, 0),
    good: numbers("runner_memory_mib", 512, 1_024, 2_048, 4_096, 8_192),
  },
  {
    what: "a dispatcher memory out of bounds",
    message: "dispatcher_memory_size must be a whole number of megabytes",
    bad: numbers("dispatcher_memory_size", 127, 10_241, 256.5),
    good: numbers("dispatcher_memory_size", 128, 10_240),
  },
  {
    what: "a dispatcher timeout out of bounds",
    message: "dispatcher_timeout must be a whole number of seconds",
    bad: numbers("dispatcher_timeout", 9, 901, 30.5),
    good: numbers("dispatcher_timeout", 10, 900),
  },
  {
    what: "invocations at once that no event source takes",
    message: "dispatcher_concurrency must be a whole number from 2 to 1000",
    bad: numbers("dispatcher_concurrency", 1, 1_001, 2.5),
    good: numbers("dispatcher_concurrency", 2, 1_000),
  },
  {
    what: "a bound on MicroVMs that is none",
    message: "max_concurrency must be a whole number from 0 to 2000",
    bad: numbers("max_concurrency", -1, 2_001, 1.5),
    good: numbers("max_concurrency", 0, 1, 2_000),
  },
  {
    what: "a bound on one repository's MicroVMs that is none",
    message: "max_concurrency_per_repository must be a whole number from 0 to 2000",
    bad: numbers("max_concurrency_per_repository", -1, 2_001, 1.5),
    good: numbers("max_concurrency_per_repository", 0, 1, 2_000),
  },
  {
    what: "image_refresh with a mode that is none",
    message: 'image_refresh.mode must be "auto"',
    bad: [{ image_refresh: { mode: "off" } }, { image_refresh: { mode: "" } }],
    good: [{ image_refresh: {} }, { image_refresh: { mode: "watch" } }],
  },
  {
    what: "image_refresh that soaks too long",
    message: "image_refresh.soak_days must be a whole number of days from 0 to 7",
    bad: [-1, 8, 1.5].map((soak_days) => ({ image_refresh: { soak_days } })),
    good: [0, 7].map((soak_days) => ({ image_refresh: { soak_days } })),
  },
  {
    what: "image_refresh of an age that is none",
    message: "image_refresh.max_age_days must be a whole number of days from 7 to 180, or 0",
    bad: [-1, 6, 181, 30.5].map((max_age_days) => ({ image_refresh: { max_age_days } })),
    good: [0, 7, 180].map((max_age_days) => ({ image_refresh: { max_age_days } })),
  },
  {
    what: "image_refresh in hours that are none",
    message: "image_refresh.hours_utc must hold hours of the day",
    bad: [[24], [-1], [2.5], [3, 3]].map((hours_utc) => ({ image_refresh: { hours_utc } })),
    good: [[], [0, 23]].map((hours_utc) => ({ image_refresh: { hours_utc } })),
  },
  {
    what: "image_refresh that skips what is no release",
    message: "image_refresh.skip_runners must hold versions of actions/runner",
    bad: [["v2.338.0"], ["2.338"], ["latest"]].map((skip_runners) => ({ image_refresh: { skip_runners } })),
    good: [{ image_refresh: { skip_runners: ["2.338.0", "2.339.12"] } }],
  },
  {
    what: "image_versions_kept outside what leaves room for a build",
    message: "image_versions_kept must be a whole number from 1 to 40",
    bad: numbers("image_versions_kept", 0, 41, 1.5),
    good: numbers("image_versions_kept", 1, 40),
  },
  {
    what: "more alarm actions than an alarm takes",
    message: "alarm_actions must hold at most 5 ARNs",
    bad: [{ alarm_actions: topics(6) }, { alarm_actions: [...topics(1), ...topics(1)] }],
    good: [{ alarm_actions: topics(5) }],
  },
  {
    what: "a wait for the alarms that no job lasts, or that is none",
    message: "alarm_wait_minutes must be a whole number from 10 to 600",
    bad: numbers("alarm_wait_minutes", 9, 601, 10.5),
    good: numbers("alarm_wait_minutes", 10, 600),
  },
  {
    what: "an alarm left out that the module does not have",
    message: "alarms_left_out must hold names of the module's alarms",
    bad: [{ alarms_left_out: ["jobs-age"] }, { alarms_left_out: ["gha-microvm-denied"] }],
    good: [{ alarms_left_out: ["denied", "dead-letters"] }],
  },
  {
    what: "an alarm action that is no ARN",
    message: "alarm_actions must hold whole ARNs",
    bad: [{ alarm_actions: ["alerts"] }, { alarm_actions: [""] }],
    good: [{ alarm_actions: topics(1) }, { alarm_actions: ["arn:aws:automate:eu-west-1:ec2:stop"] }],
  },
  {
    what: "a bucket name that S3 does not allow",
    message: "artifacts_bucket_name must have 3 to 63 lower-case letters",
    bad: texts("artifacts_bucket_name", "My-Bucket", "ab", "-abc", "a".repeat(64), ""),
    good: texts("artifacts_bucket_name", "abc", "a".repeat(63)),
  },
  {
    what: "a bucket name that S3 keeps for itself",
    message: "artifacts_bucket_name is of a form that S3 keeps for itself",
    bad: texts("artifacts_bucket_name", "a..b", "10.0.0.1", "xn--abc", "abc-s3alias", "abc--x-s3"),
    good: texts("artifacts_bucket_name", "a.b", "abc-xn--d"),
  },
  {
    what: "a retention that CloudWatch does not offer",
    message: "log_retention_days must be one of the values that CloudWatch accepts",
    bad: numbers("log_retention_days", 0, 15, 3_654),
    good: numbers("log_retention_days", 1, 3_653),
  },
  {
    what: "a name prefix that cannot be part of every name",
    message: "name_prefix must have 2 to 40 lower-case letters",
    bad: texts("name_prefix", "Gha", "1abc", "abc-", "a_b", "a", "", "a".repeat(41)),
    good: texts("name_prefix", "ab", "a".repeat(40)),
  },
  {
    what: "a name prefix that AWS keeps for itself",
    message: "name_prefix must not begin with aws or ssm",
    bad: texts("name_prefix", "aws-runner", "ssmrunner", "xn--runner", "sthree-runner", "amzn-s3-demo-runner"),
    good: texts("name_prefix", "my-aws"),
  },
  {
    what: "more tags than are left to the user",
    message: "tags must have at most 40 entries",
    bad: [tags(41)],
    good: [tags(40)],
  },
  {
    what: "a tag key that AWS does not allow",
    message: "tags must have keys of 1 to 128",
    bad: [
      { tags: { "aws:x": "v" } },
      { tags: { "": "v" } },
      { tags: { "a*b": "v" } },
      { tags: { ["k".repeat(129)]: "v" } },
    ],
    good: [{ tags: { "team:runners / a_b.c=d+e-f@g": "v" } }, { tags: { ["k".repeat(128)]: "v" } }],
  },
  {
    what: "a tag value that AWS does not allow",
    message: "tags must have values of at most 256",
    bad: [{ tags: { k: "v".repeat(257) } }, { tags: { k: "a*b" } }],
    good: [{ tags: { k: "v".repeat(256) } }, { tags: { k: "" } }],
  },
];
