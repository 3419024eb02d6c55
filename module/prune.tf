# Generated from src/module/prune.ts: change that, then run `npx projen generate`.

resource "aws_cloudwatch_log_group" "prune" {
  # checkov:skip=CKV_AWS_338:how long logs are kept is the caller's to say with log_retention_days

  name              = "/aws/lambda/${var.name_prefix}-prune"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = local.tags
}

resource "aws_iam_role" "prune" {
  name                 = "${var.name_prefix}-prune"
  description          = "Taken on by the prune function"
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.function_trust.json
  tags                 = local.tags
}

# SeeMicrovms: the action knows no resource, so it can be allowed for all or not at all. It tells ids, states and
# versions; nothing can be done with a MicroVM.
data "aws_iam_policy_document" "prune" {
  source_policy_documents = data.aws_iam_policy_document.classes[*].json

  statement {
    sid       = "ListVersions"
    actions   = ["lambda:ListMicrovmImageVersions"]
    resources = concat([local.image_arn], values(local.class_image_arns))
  }

  statement {
    sid     = "DeleteVersions"
    actions = ["lambda:DeleteMicrovmImageVersion"]
    resources = concat(
      [local.image_arn, "${local.image_arn}:*"],
      [for arn in values(local.class_image_arns) : "${arn}*"],
    )
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
        variable = "kms:ViaService"
        values   = ["${statement.key}.${local.region}.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role_policy" "prune" {
  name   = "prune"
  role   = aws_iam_role.prune.id
  policy = data.aws_iam_policy_document.prune.json
}

resource "aws_lambda_function" "prune" {
  # checkov:skip=CKV_AWS_50:tracing would add rights and an SDK to the path of a delivery; logs carry the ids of delivery, job and launch
  # checkov:skip=CKV_AWS_115:reserved concurrency is taken from the account's pool; the queue's maximum_concurrency bounds the dispatcher
  # checkov:skip=CKV_AWS_116:for asynchronous calls, of which there are none but the schedules' that come again; the jobs queue has its own
  # checkov:skip=CKV_AWS_117:it reaches GitHub and AWS's public endpoints only: a VPC would add a NAT gateway and isolate nothing
  # checkov:skip=CKV_AWS_173:nothing in the environment is secret
  # checkov:skip=CKV_AWS_272:a signing profile is the account's, and the hash of the code stands in the module

  function_name    = "${var.name_prefix}-prune"
  description      = "Deletes old versions of the runner image"
  role             = aws_iam_role.prune.arn
  runtime          = "nodejs24.x"
  architectures    = ["arm64"]
  handler          = "scheduled.prune"
  filename         = "${path.module}/dispatcher.zip"
  source_code_hash = filebase64sha256("${path.module}/dispatcher.zip")
  memory_size      = 256
  # The longest that Lambda allows: a listing of many MicroVMs is throttled, and how long a deletion takes is not known.
  timeout = 15 * 60
  tags    = local.tags

  environment {
    variables = {
      IMAGE_ARN           = local.image_arn
      IMAGE_VERSION       = var.image_version != null ? var.image_version : ""
      CLASSES_PARAM       = local.classes_param
      IMAGE_VERSIONS_KEPT = tostring(var.image_versions_kept)
    }
  }

  logging_config {
    log_group  = aws_cloudwatch_log_group.prune.name
    log_format = "Text"
  }

  depends_on = [aws_cloudwatch_log_group.prune, aws_iam_role_policy.prune]
}

resource "aws_iam_role" "prune_schedule" {
  name                 = "${var.name_prefix}-prune-schedule"
  description          = "Taken on by the schedule that invokes the prune function"
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.schedule_trust.json
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
  role   = aws_iam_role.prune_schedule.id
  policy = data.aws_iam_policy_document.prune_schedule.json
}

resource "aws_scheduler_schedule" "prune" {
  # checkov:skip=CKV_AWS_297:the schedule carries no data

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
      maximum_retry_attempts       = 0
      maximum_event_age_in_seconds = 60 * 60
    }
  }

  depends_on = [aws_iam_role_policy.prune, aws_iam_role_policy.prune_schedule]
}
