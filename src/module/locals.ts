import { attribute, block, call, raw, template } from "../hcl/build.ts";
import type { Body, Expression } from "../hcl/model.ts";

/** Values that more than one file of the module uses. */
export const LOCALS = {
  account_id: raw("data.aws_caller_identity.current.account_id"),
  partition: raw("data.aws_partition.current.partition"),
  region: raw("data.aws_region.current.region"),
  app_key_arn: raw(
    "try(coalesce(var.github_app_key_source.ssm_parameter_arn, var.github_app_key_source.secretsmanager_secret_arn, var.github_app_key_source.kms_signing_key_arn), null)",
  ),
  artifact_file: raw(`local.customised ? data.archive_file.image[0].output_path : "\${path.module}/image.zip"`),
  // Of the contents, not of the archive: another version of the archive provider may write other bytes.
  artifact_hash: raw(
    `local.customised ? sha256(jsonencode(local.build_context)) : filesha256("\${path.module}/image.zip")`,
  ),
  artifacts_bucket_name: raw(
    `var.artifacts_bucket_name != null ? var.artifacts_bucket_name : "\${var.name_prefix}-artifacts-\${local.account_id}"`,
  ),
  // The image is created before the old one is destroyed, and with it what it depends on: where the path changes, the new build
  // role stands beside the old one for a while, and IAM wants names that differ in more than the path.
  build_role_name: template(
    raw("var.name_prefix"),
    "-build",
    raw('var.role_path == "/" ? "" : format("-%s", substr(sha1(var.role_path), 0, 8))'),
  ),
  connector_arn_prefix: template(
    "arn:",
    raw("local.partition"),
    ":lambda:",
    raw("local.region"),
    ":aws:network-connector:aws-network-connector",
  ),
  egress_connector_arn: raw(
    `coalesce(var.egress_network_connector_arn, "\${local.connector_arn_prefix}:INTERNET_EGRESS")`,
  ),
  github_owner: raw(
    'var.github_organization != null ? var.github_organization : try(split("/", var.github_repositories[0])[0], "")',
  ),
  github_repository_names: raw('[for repository in var.github_repositories : element(split("/", repository), 1)]'),
  image_arn: raw(
    'one(concat(awscc_lambda_microvm_image.runner[*].image_arn, [for stack in aws_cloudformation_stack.runner : stack.outputs["ImageArn"]]))',
  ),
  image_environment: call(
    "concat",
    [{ key: "GHA_MEMORY_MIB", value: raw("tostring(var.runner_memory_mib)") }],
    raw("[for key, value in var.runner_environment : { key = key, value = value }]"),
  ),
  image_name: template(raw("var.name_prefix"), "-runner-", raw("random_id.image.hex")),
  image_version: raw(
    'one(concat(awscc_lambda_microvm_image.runner[*].latest_active_image_version, [for stack in aws_cloudformation_stack.runner : stack.outputs["LatestActiveImageVersion"]]))',
  ),
  tags: call("merge", { "gha-runner:name-prefix": raw("var.name_prefix") }, raw("var.tags")),
  // Of two passwords one is for odd generations and one for even ones, so that raising by one leaves the last as it is.
  webhook_secrets: raw(
    "var.webhook_secret_generation % 2 == 1 ? concat([random_password.webhook.result], random_password.webhook_even[*].result) : concat(random_password.webhook_even[*].result, [random_password.webhook.result])",
  ),
} as const satisfies Readonly<Record<string, Expression>>;

/** Body of locals.tf. */
export function localsBody(): Body {
  return [
    block(
      "locals",
      [],
      Object.entries(LOCALS).map(([name, value]) => attribute(name, value)),
    ),
  ];
}
