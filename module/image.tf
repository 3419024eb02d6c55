# Generated from src/module/image.ts: change that, then run `npx projen generate`.

# The service never gives an image's name free again: each image has a name of its own, so that it can be destroyed and
# created anew, and change between its two forms below. A new artifact makes a new version under the same name. When
# an image's first build fails, the next one needs another name: apply with -replace on this resource. It is new when the
# role's name is, because whoever goes back to an earlier name_prefix would find the name used; as a keeper the prefix would
# give every deployment another image once.
resource "random_id" "image" {
  byte_length = 4
  keepers = {
    capabilities = join(",", var.additional_os_capabilities)
  }

  lifecycle {
    precondition {
      condition     = data.awscc_lambda_microvm_images.awscc.id == local.region
      error_message = "The awscc provider's Region is not the aws provider's, ${local.region}: set the same region in both, because each part of the module is in one Region."
    }

    replace_triggered_by = [aws_iam_role.build.name]
  }
}

# The service sends a build's log to the group of this name; the MicroVMs' own logs go there too. Were it not made
# here, the service would make it, without a retention, and it would outlive the module.
resource "aws_cloudwatch_log_group" "runner" {
  # checkov:skip=CKV_AWS_338:how long logs are kept is the caller's to say with log_retention_days

  name              = "/aws/lambda-microvms/${local.image_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = local.tags
}

resource "aws_iam_role" "exec" {
  name                 = "${var.name_prefix}-exec"
  description          = "Taken on by the runner MicroVMs: every job step can use it, so it may write logs and nothing else"
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.microvm_trust.json
  tags                 = local.tags
}

data "aws_iam_policy_document" "exec" {
  statement {
    sid     = "WriteLogs"
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = [
      "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda-microvms/${var.name_prefix}-runner-*:*",
    ]
  }

  dynamic "statement" {
    for_each = {
      for service, actions in {
        logs = ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"]
      } : service => actions if var.kms_key_arn != null
    }

    content {
      sid       = "UseKeyThrough${title(statement.key)}"
      actions   = statement.value
      resources = [var.kms_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["${statement.key}.${local.region}.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role_policy" "exec" {
  name   = "exec"
  role   = aws_iam_role.exec.id
  policy = data.aws_iam_policy_document.exec.json
}

resource "aws_iam_role" "build" {
  name                 = local.build_role_name
  description          = "Taken on by Lambda MicroVMs while it builds the runner image"
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.microvm_trust.json
  tags                 = local.tags
}

# ReadCode: of all artifacts. A rollback builds from an earlier one, the refresh function from contexts of its own in this
# folder; and the policy is not changed in the second before a build, when IAM may not know of it yet.
# WriteLogs: without these rights a build that fails leaves no log at all. No logs:CreateLogGroup, which the service
# needs only for a group that does not exist: the image waits for this one. Of all images' groups, so that no policy is changed
# for a class of runners.
data "aws_iam_policy_document" "build" {
  statement {
    sid       = "ReadCode"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.artifacts.arn}/microvm/*"]
  }

  statement {
    sid     = "WriteLogs"
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = [
      "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda-microvms/${var.name_prefix}-runner-*:*",
    ]
  }

  dynamic "statement" {
    for_each = {
      for service, actions in {
        s3   = ["kms:Decrypt"]
        logs = ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"]
      } : service => actions if var.kms_key_arn != null
    }

    content {
      sid       = "UseKeyThrough${title(statement.key)}"
      actions   = statement.value
      resources = [var.kms_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["${statement.key}.${local.region}.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role_policy" "build" {
  name   = "build"
  role   = aws_iam_role.build.id
  policy = data.aws_iam_policy_document.build.json
}

# Cloud Control wants every property, and the awscc provider leaves out empty sets: an image without capabilities is
# made by the stack below.
resource "awscc_lambda_microvm_image" "runner" {
  count = length(var.additional_os_capabilities) > 0 ? 1 : 0

  name               = local.image_name
  description        = "GitHub Actions runner for linux-arm64"
  base_image_arn     = local.base_image_arn
  base_image_version = var.base_image_version
  build_role_arn     = aws_iam_role.build.arn
  code_artifact = {
    uri = "s3://${aws_s3_object.microvm_code.bucket}/${aws_s3_object.microvm_code.key}"
  }
  resources = [{
    minimum_memory_in_mi_b = var.runner_memory_mib
  }]
  cpu_configurations = [{
    architecture = "ARM_64"
  }]
  additional_os_capabilities = var.additional_os_capabilities
  egress_network_connectors  = ["${local.connector_arn_prefix}:INTERNET_EGRESS"]
  environment_variables      = local.image_environment
  hooks = {
    port = 9000
    microvm_image_hooks = {
      ready                       = "ENABLED"
      ready_timeout_in_seconds    = 900
      validate                    = "ENABLED"
      validate_timeout_in_seconds = 300
    }
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
  }
  logging = {
    cloudwatch = {
      log_group = aws_cloudwatch_log_group.runner.name
    }
  }
  tags = [for key, value in local.tags : { key = key, value = value }]

  depends_on = [aws_iam_role_policy.build, aws_s3_object.microvm_code, aws_cloudwatch_log_group.runner]

  lifecycle {
    create_before_destroy = true
  }
}

# The same image without capabilities. Whoever applies it needs rights for CloudFormation too. Nothing is retained: what
# the stack no longer holds is an image that no MicroVM is started from. A stack that fails is deleted, because it
# could only be in the way of the next attempt. A customer's key is named here only: the awscc provider does not know of it.
resource "aws_cloudformation_stack" "runner" {
  count = length(var.additional_os_capabilities) == 0 ? 1 : 0

  name       = "${var.name_prefix}-runner"
  on_failure = "DELETE"
  template_body = jsonencode({
    AWSTemplateFormatVersion = "2010-09-09"
    Description              = "The runner image of GitHub Actions, without extra capabilities"
    Resources = {
      Image = {
        Type                = "AWS::Lambda::MicrovmImage"
        DeletionPolicy      = "Delete"
        UpdateReplacePolicy = "Delete"
        Properties = merge(
          {
            Name             = local.image_name
            Description      = "GitHub Actions runner for linux-arm64"
            BaseImageArn     = local.base_image_arn
            BaseImageVersion = var.base_image_version
            BuildRoleArn     = aws_iam_role.build.arn
            CodeArtifact = {
              Uri = "s3://${aws_s3_object.microvm_code.bucket}/${aws_s3_object.microvm_code.key}"
            }
            CpuConfigurations = [{
              Architecture = "ARM_64"
            }]
            Resources = [{
              MinimumMemoryInMiB = var.runner_memory_mib
            }]
            EgressNetworkConnectors = ["${local.connector_arn_prefix}:INTERNET_EGRESS"]
            Hooks = {
              Port = 9000
              MicrovmImageHooks = {
                Ready                    = "ENABLED"
                ReadyTimeoutInSeconds    = 900
                Validate                 = "ENABLED"
                ValidateTimeoutInSeconds = 300
              }
              MicrovmHooks = {
                Run                       = "ENABLED"
                RunTimeoutInSeconds       = 10
                Resume                    = "ENABLED"
                ResumeTimeoutInSeconds    = 10
                Suspend                   = "ENABLED"
                SuspendTimeoutInSeconds   = 10
                Terminate                 = "ENABLED"
                TerminateTimeoutInSeconds = 40
              }
            }
            Logging = {
              CloudWatch = {
                LogGroup = aws_cloudwatch_log_group.runner.name
              }
            }
            AdditionalOsCapabilities = []
            EnvironmentVariables     = [for each in local.image_environment : { Key = each.key, Value = each.value }]
            Tags                     = [for key, value in local.tags : { Key = key, Value = value }]
          },
          {
            for name, key in {
              KmsKeyIdentifier = var.kms_key_arn
            } : name => key if key != null
          },
        )
      }
    }
    Outputs = {
      ImageArn = {
        Value = {
          "Fn::GetAtt" = ["Image", "ImageArn"]
        }
      }
    }
  })
  tags = local.tags

  timeouts {
    create = "30m"
    delete = "30m"
    update = "30m"
  }

  depends_on = [aws_iam_role_policy.build, aws_s3_object.microvm_code, aws_cloudwatch_log_group.runner]

  lifecycle {
    create_before_destroy = true
  }
}

# The deployment's images as they are before the apply. From the account's list, and not from the image itself, of which
# nothing is known until it has been made.
data "awscc_lambda_microvm_image" "before" {
  for_each = toset([
    for id in data.awscc_lambda_microvm_images.awscc.ids : id
    if can(regex(":microvm-image:${var.name_prefix}-runner-([a-z0-9-]{1,7}-)?[0-9a-f]{8}$", id))
  ])

  id = each.value
}

# An update's new state is its plan (terraform-provider-awscc, internal/generic/resource.go), so the image itself tells the
# version that was active before. This is read when the image has been changed.
data "awscc_lambda_microvm_image" "runner" {
  id = local.image_arn

  depends_on = [awscc_lambda_microvm_image.runner, aws_cloudformation_stack.runner]
}
