# Generated from src/module/locals.ts: change that, then run `npx projen generate`.

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.region
  app_key_arn = try(
    coalesce(
      var.github_app_key_source.ssm_parameter_arn,
      var.github_app_key_source.secretsmanager_secret_arn,
      var.github_app_key_source.kms_signing_key_arn,
    ),
    null,
  )
  artifact_file = local.customised ? data.archive_file.image[0].output_path : "${path.module}/image.zip"
  artifact_hash = local.customised ? sha256(jsonencode(local.build_context)) : filesha256("${path.module}/image.zip")
  artifacts_bucket_name = (
    var.artifacts_bucket_name != null
    ? var.artifacts_bucket_name
    : "${var.name_prefix}-artifacts-${local.account_id}"
  )
  base_image_arn  = "arn:${local.partition}:lambda:${local.region}:aws:microvm-image:${var.base_image_name}"
  build_role_name = "${var.name_prefix}-build${var.role_path == "/" ? "" : format("-%s", substr(sha1(var.role_path), 0, 8))}"
  classes_param = (
    length(var.runner_classes) > 0
    ? "${one(aws_ssm_parameter.classes[*].name)}:${one(aws_ssm_parameter.classes[*].version)}"
    : ""
  )
  connector_arn_prefix = "arn:${local.partition}:lambda:${local.region}:aws:network-connector:aws-network-connector"
  dollar_columns = lookup(
    {
      us-east-1 = ", sum(greatest(seconds - 6, 0) * memoryMib * 0.000000017103418) as dollars, sum(least(seconds, 6) * memoryMib * 0.000000017103418 + 0.001887059) as startDollars"
      us-east-2 = ", sum(greatest(seconds - 6, 0) * memoryMib * 0.000000017103418) as dollars, sum(least(seconds, 6) * memoryMib * 0.000000017103418) as startDollars"
      us-west-2 = ", sum(greatest(seconds - 6, 0) * memoryMib * 0.000000017103418) as dollars, sum(least(seconds, 6) * memoryMib * 0.000000017103418) as startDollars"
    },
    local.region,
    "",
  )
  egress_connector_arn = coalesce(var.egress_network_connector_arn, "${local.connector_arn_prefix}:INTERNET_EGRESS")
  github_owner = (
    var.github_organization != null
    ? var.github_organization
    : try(split("/", var.github_repositories[0])[0], "")
  )
  github_repository_names = [for repository in var.github_repositories : element(split("/", repository), 1)]
  image_arn = one(concat(
    awscc_lambda_microvm_image.runner[*].image_arn,
    [for stack in aws_cloudformation_stack.runner : stack.outputs["ImageArn"]],
  ))
  image_environment = concat(
    [{
      key   = "GHA_MEMORY_MIB"
      value = tostring(var.runner_memory_mib)
    }],
    [for text in [join(",", var.docker_images)] : { key = "GHA_DOCKER_IMAGES", value = text } if text != ""],
    [
      for text in [join(",", var.docker_registry_mirrors)] :
      {
        key   = "GHA_REGISTRY_MIRRORS"
        value = text
      } if text != ""
    ],
    [for key, value in var.runner_environment : { key = key, value = value }],
  )
  image_name         = "${var.name_prefix}-runner-${random_id.image.hex}"
  images_arn_pattern = "arn:${local.partition}:lambda:${local.region}:${local.account_id}:microvm-image:${var.name_prefix}-runner-*"
  refresh_mode = (
    (
      var.image_version != null ||
      var.runner_version != null ||
      !strcontains(coalesce(var.dockerfile, "runner.env"), "runner.env")
    )
    ? "watch"
    : var.image_refresh.mode
  )
  tags = merge(
    {
      "gha-runner:name-prefix" = var.name_prefix
    },
    var.tags,
  )
  webhook_secrets = (
    var.webhook_secret_generation % 2 == 1
    ? concat([random_password.webhook.result], random_password.webhook_even[*].result)
    : concat(random_password.webhook_even[*].result, [random_password.webhook.result])
  )
}
