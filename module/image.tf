# Generated from src/module/image.ts: change that, then run `npx projen generate`.

# The service sends a build's log to the group of this name; the MicroVMs' own logs go there too. Were it not made
# here, the service would make it, without a retention, and it would outlive the module.
resource "aws_cloudwatch_log_group" "runner" {
  name              = "/aws/lambda-microvms/${local.image_name}"
  retention_in_days = var.log_retention_days
  tags              = local.tags
}

resource "aws_iam_role" "exec" {
  name               = "${var.name_prefix}-exec"
  assume_role_policy = data.aws_iam_policy_document.microvm_trust.json
  description        = "Taken on by the runner MicroVMs: every job step can use it, so it may write logs and nothing else"
  tags               = local.tags
}

data "aws_iam_policy_document" "exec" {
  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.runner.arn}:*"]
  }
}

resource "aws_iam_role_policy" "exec" {
  name   = "exec"
  policy = data.aws_iam_policy_document.exec.json
  role   = aws_iam_role.exec.id
}

resource "aws_iam_role" "build" {
  name               = "${var.name_prefix}-build"
  assume_role_policy = data.aws_iam_policy_document.microvm_trust.json
  description        = "Taken on by Lambda MicroVMs while it builds the runner image"
  tags               = local.tags
}

# WriteLogs: without these rights a build that fails leaves no log at all.
data "aws_iam_policy_document" "build" {
  statement {
    sid       = "ReadCode"
    actions   = ["s3:GetObject"]
    resources = [aws_s3_object.microvm_code.arn]
  }

  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.runner.arn}:*"]
  }
}

resource "aws_iam_role_policy" "build" {
  name   = "build"
  policy = data.aws_iam_policy_document.build.json
  role   = aws_iam_role.build.id
}

# Cloud Control wants every property, and the awscc provider leaves out empty sets: hence the marker variable.
# The name is fixed, because the service never gives a name free again: a new artifact makes a new version.
resource "awscc_lambda_microvm_image" "runner" {
  name               = local.image_name
  base_image_arn     = "arn:${local.partition}:lambda:${local.region}:aws:microvm-image:${var.base_image_name}"
  base_image_version = var.base_image_version
  build_role_arn     = aws_iam_role.build.arn
  description        = "GitHub Actions runner for linux-arm64"
  code_artifact = {
    uri = "s3://${aws_s3_object.microvm_code.bucket}/${aws_s3_object.microvm_code.key}"
  }
  logging = {
    cloudwatch = {
      log_group = aws_cloudwatch_log_group.runner.name
    }
  }
  egress_network_connectors = ["${local.connector_arn_prefix}:INTERNET_EGRESS"]
  cpu_configurations = [{
    architecture = "ARM_64"
  }]
  resources = [{
    minimum_memory_in_mi_b = var.runner_memory_mib
  }]
  additional_os_capabilities = var.additional_os_capabilities
  hooks = {
    port = 9000
    microvm_hooks = {
      run                          = "ENABLED"
      run_timeout_in_seconds       = 10
      resume                       = "ENABLED"
      resume_timeout_in_seconds    = 10
      suspend                      = "ENABLED"
      suspend_timeout_in_seconds   = 10
      terminate                    = "ENABLED"
      terminate_timeout_in_seconds = 40
    }
    microvm_image_hooks = {
      ready                       = "ENABLED"
      ready_timeout_in_seconds    = 300
      validate                    = "ENABLED"
      validate_timeout_in_seconds = 300
    }
  }
  environment_variables = [{
    key   = "GHA_RUNNER_MICROVM"
    value = "1"
  }]
  tags = [for key, value in local.tags : { key = key, value = value }]

  depends_on = [
    aws_iam_role_policy.build,
    aws_s3_object.microvm_code,
    aws_cloudwatch_log_group.runner,
  ]
}
