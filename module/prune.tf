# Generated from src/module/prune.ts: change that, then run `npx projen generate`.

resource "aws_cloudwatch_log_group" "prune" {
  name              = "/aws/lambda/${var.name_prefix}-prune"
  kms_key_id        = var.kms_key_arn
  retention_in_days = var.log_retention_days
  tags              = local.tags
}

resource "aws_iam_role" "prune" {
  name                 = "${var.name_prefix}-prune"
  assume_role_policy   = data.aws_iam_policy_document.function_trust.json
  description          = "Taken on by the prune function"
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags
}

# SeeMicrovms: the action knows no resource, so it can be allowed for all or not at all. It tells ids, states and
# versions; nothing can be done with a MicroVM.
data "aws_iam_policy_document" "prune" {
  statement {
    sid       = "ListVersions"
    actions   = ["lambda:ListMicrovmImageVersions"]
    resources = [local.image_arn]
  }

  statement {
    sid       = "DeleteVersions"
    actions   = ["lambda:DeleteMicrovmImageVersion"]
    resources = [local.image_arn, "${local.image_arn}:*"]
  }

  statement {
    sid       = "SeeMicrovms"
    actions   = ["lambda:ListMicrovms"]
    resources = ["*"]
  }

  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.prune.arn}:*"]
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
        values   = ["${statement.key}.${local.region}.amazonaws.com"]
        variable = "kms:ViaService"
      }
    }
  }
}

resource "aws_iam_role_policy" "prune" {
  name   = "prune"
  policy = data.aws_iam_policy_document.prune.json
  role   = aws_iam_role.prune.id
}

resource "aws_lambda_function" "prune" {
  function_name    = "${var.name_prefix}-prune"
  architectures    = ["arm64"]
  description      = "Deletes old versions of the runner image"
  filename         = "${path.module}/dispatcher.zip"
  handler          = "dispatcher.prune"
  memory_size      = 256
  role             = aws_iam_role.prune.arn
  runtime          = "nodejs24.x"
  source_code_hash = filebase64sha256("${path.module}/dispatcher.zip")
  timeout          = 900
  tags             = local.tags

  environment {
    variables = {
      IMAGE_ARN           = local.image_arn
      IMAGE_VERSION       = var.image_version != null ? var.image_version : ""
      IMAGE_VERSIONS_KEPT = tostring(var.image_versions_kept)
    }
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.prune.name
  }

  depends_on = [aws_cloudwatch_log_group.prune]
}

resource "aws_iam_role" "prune_schedule" {
  name                 = "${var.name_prefix}-prune-schedule"
  assume_role_policy   = data.aws_iam_policy_document.schedule_trust.json
  description          = "Taken on by the schedule that invokes the prune function"
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags
}

data "aws_iam_policy_document" "prune_schedule" {
  statement {
    sid       = "InvokePrune"
    actions   = ["lambda:InvokeFunction"]
    resources = [aws_lambda_function.prune.arn]
  }
}

resource "aws_iam_role_policy" "prune_schedule" {
  name   = "prune_schedule"
  policy = data.aws_iam_policy_document.prune_schedule.json
  role   = aws_iam_role.prune_schedule.id
}

resource "aws_scheduler_schedule" "prune" {
  name                = "${var.name_prefix}-prune"
  description         = "Deletes old versions of the runner image"
  schedule_expression = "rate(1 day)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.prune.arn
    role_arn = aws_iam_role.prune_schedule.arn

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 0
    }
  }

  depends_on = [aws_iam_role_policy.prune, aws_iam_role_policy.prune_schedule]
}
