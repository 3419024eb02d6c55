# Generated from src/module/refresh.ts: change that, then run `npx projen generate`.

# A watch has none of these rights.
# PassBuildRole: no condition on iam:PassedToService, which the service does not send.
# PassConnector: the build's way to the internet; it is part of each update, changed or not.
data "aws_iam_policy_document" "refresh_build" {
  count = local.refresh_mode == "auto" || length(local.class_built) > 0 ? 1 : 0

  statement {
    sid     = "BuildImage"
    actions = ["lambda:UpdateMicrovmImage", "lambda:UpdateMicrovmImageVersion"]
    resources = concat(
      local.refresh_mode == "auto" ? [local.image_arn, "${local.image_arn}:*"] : [],
      [for name, arn in local.class_image_arns : "${arn}*" if contains(local.class_built, name)],
    )
  }

  statement {
    sid       = "PassBuildRole"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.build.arn]
  }

  statement {
    sid       = "PassConnector"
    actions   = ["lambda:PassNetworkConnector"]
    resources = ["${local.connector_arn_prefix}:INTERNET_EGRESS"]
  }

  statement {
    sid       = "WriteCode"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.artifacts.arn}/microvm/refreshed/*"]
  }
}

resource "aws_cloudwatch_log_group" "refresh" {
  # checkov:skip=CKV_AWS_338:how long logs are kept is the caller's to say with log_retention_days

  name              = "/aws/lambda/${var.name_prefix}-refresh"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = local.tags
}

resource "aws_iam_role" "refresh" {
  name                 = "${var.name_prefix}-refresh"
  description          = "Taken on by the refresh function"
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.function_trust.json
  tags                 = local.tags
}

# What is read of the image is all that it is built from: nothing of it is told to the function twice.
data "aws_iam_policy_document" "refresh" {
  source_policy_documents = concat(
    data.aws_iam_policy_document.refresh_build[*].json,
    data.aws_iam_policy_document.classes[*].json,
  )

  statement {
    sid = "ReadImage"
    actions = [
      "lambda:GetMicrovmImage",
      "lambda:GetMicrovmImageVersion",
      "lambda:ListMicrovmImageBuilds",
      "lambda:ListMicrovmImageVersions",
    ]
    resources = concat(
      [local.image_arn, "${local.image_arn}:*"],
      [for arn in values(local.class_image_arns) : "${arn}*"],
    )
  }

  statement {
    sid       = "ReadBase"
    actions   = ["lambda:ListManagedMicrovmImageVersions"]
    resources = [local.base_image_arn]
  }

  statement {
    sid       = "ReadCode"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.artifacts.arn}/microvm/*"]
  }

  statement {
    sid       = "KeepProgress"
    actions   = ["dynamodb:GetItem", "dynamodb:PutItem"]
    resources = [aws_dynamodb_table.jobs.arn]
  }

  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.refresh.arn}:*"]
  }

  dynamic "statement" {
    for_each = {
      for service, actions in {
        dynamodb = ["kms:Decrypt"]
        s3       = ["kms:Decrypt", "kms:GenerateDataKey"]
        logs     = ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"]
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

resource "aws_iam_role_policy" "refresh" {
  name   = "refresh"
  role   = aws_iam_role.refresh.id
  policy = data.aws_iam_policy_document.refresh.json
}

resource "aws_lambda_function" "refresh" {
  # checkov:skip=CKV_AWS_50:tracing would add rights and an SDK to the path of a delivery; logs carry the ids of delivery, job and launch
  # checkov:skip=CKV_AWS_115:reserved concurrency is taken from the account's pool; the queue's maximum_concurrency bounds the dispatcher
  # checkov:skip=CKV_AWS_116:for asynchronous calls, of which there are none but the schedules' that come again; the jobs queue has its own
  # checkov:skip=CKV_AWS_117:it reaches GitHub and AWS's public endpoints only: a VPC would add a NAT gateway and isolate nothing
  # checkov:skip=CKV_AWS_173:nothing in the environment is secret
  # checkov:skip=CKV_AWS_272:a signing profile is the account's, and the hash of the code stands in the module

  function_name    = "${var.name_prefix}-refresh"
  description      = "Builds the runner image again when GitHub or AWS have newer parts for it"
  role             = aws_iam_role.refresh.arn
  runtime          = "nodejs24.x"
  architectures    = ["arm64"]
  handler          = "scheduled.refresh"
  filename         = "${path.module}/dispatcher.zip"
  source_code_hash = filebase64sha256("${path.module}/dispatcher.zip")
  memory_size      = 256
  # Shorter than the fastest build: no configuration that is read in a run is older than the newest build when it is written.
  timeout = 60
  tags    = local.tags

  environment {
    variables = {
      IMAGE_ARN     = local.image_arn
      IMAGE_VERSION = var.image_version != null ? var.image_version : ""
      CLASSES_PARAM = local.classes_param
      TABLE_NAME    = aws_dynamodb_table.jobs.name
      CODE_BUCKET   = aws_s3_bucket.artifacts.bucket
      MODE          = local.refresh_mode
      SOAK_DAYS     = tostring(var.image_refresh.soak_days)
      MAX_AGE_DAYS  = tostring(var.image_refresh.max_age_days)
      HOURS_UTC     = join(",", var.image_refresh.hours_utc)
      SKIP_RUNNERS  = join(",", var.image_refresh.skip_runners)
    }
  }

  logging_config {
    log_group  = aws_cloudwatch_log_group.refresh.name
    log_format = "Text"
  }

  depends_on = [aws_cloudwatch_log_group.refresh, aws_iam_role_policy.refresh]
}

resource "aws_iam_role" "refresh_schedule" {
  name                 = "${var.name_prefix}-refresh-schedule"
  description          = "Taken on by the schedule that invokes the refresh function"
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.schedule_trust.json
  tags                 = local.tags
}

data "aws_iam_policy_document" "refresh_schedule" {
  statement {
    sid       = "InvokeRefresh"
    actions   = ["lambda:InvokeFunction"]
    resources = [aws_lambda_function.refresh.arn]
  }
}

resource "aws_iam_role_policy" "refresh_schedule" {
  name   = "refresh_schedule"
  role   = aws_iam_role.refresh_schedule.id
  policy = data.aws_iam_policy_document.refresh_schedule.json
}

resource "aws_scheduler_schedule" "refresh" {
  # checkov:skip=CKV_AWS_297:the schedule carries no data

  name                = "${var.name_prefix}-refresh"
  description         = "Sees whether the runner image is to be built again"
  schedule_expression = "rate(5 minutes)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.refresh.arn
    role_arn = aws_iam_role.refresh_schedule.arn

    retry_policy {
      maximum_retry_attempts       = 0
      maximum_event_age_in_seconds = 5 * 60
    }
  }

  depends_on = [aws_iam_role_policy.refresh, aws_iam_role_policy.refresh_schedule]
}
