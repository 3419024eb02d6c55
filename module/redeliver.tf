# Generated from src/module/redeliver.ts: change that, then run `npx projen generate`.

# A parameter, because hundreds of repositories' hooks would not fit the function's environment of 4 KB. Nothing in it
# means the App's own webhook.
resource "aws_ssm_parameter" "redeliver" {
  name        = "/${var.name_prefix}/redeliver"
  description = "Webhooks whose failed deliveries are sent again"
  tier        = length(join("", local.github_repository_names)) + 14 * length(local.github_repository_names) + 64 > 4096 ? "Advanced" : "Standard"
  type        = "String"
  value = jsonencode({
    organization = tonumber(one(github_organization_webhook.runner[*].id))
    repositories = { for name, hook in github_repository_webhook.runner : element(split("/", name), 1) => tonumber(hook.id) }
  })
  tags = local.tags
}

resource "aws_cloudwatch_log_group" "redeliver" {
  name              = "/aws/lambda/${var.name_prefix}-redeliver"
  kms_key_id        = var.kms_key_arn
  retention_in_days = var.log_retention_days
  tags              = local.tags
}

resource "aws_iam_role" "redeliver" {
  name                 = "${var.name_prefix}-redeliver"
  assume_role_policy   = data.aws_iam_policy_document.function_trust.json
  description          = "Taken on by the redeliver function"
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags
}

# ReadParameters: the App's key, where it is an input, stands in the dispatcher's parameter only, in no second place.
data "aws_iam_policy_document" "redeliver" {
  source_policy_documents = data.aws_iam_policy_document.app_key[*].json

  statement {
    sid       = "ReadParameters"
    actions   = ["ssm:GetParameter"]
    resources = [aws_ssm_parameter.dispatcher.arn, aws_ssm_parameter.redeliver.arn]
  }

  statement {
    sid       = "KeepProgress"
    actions   = ["dynamodb:GetItem", "dynamodb:PutItem"]
    resources = [aws_dynamodb_table.jobs.arn]
  }

  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.redeliver.arn}:*"]
  }

  dynamic "statement" {
    for_each = {
      for service, actions in {
        dynamodb = ["kms:Decrypt"]
        ssm      = ["kms:Decrypt"]
        logs     = ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"]
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

resource "aws_iam_role_policy" "redeliver" {
  name   = "redeliver"
  policy = data.aws_iam_policy_document.redeliver.json
  role   = aws_iam_role.redeliver.id
}

resource "aws_lambda_function" "redeliver" {
  function_name    = "${var.name_prefix}-redeliver"
  architectures    = ["arm64"]
  description      = "Has GitHub send again the deliveries that failed"
  filename         = "${path.module}/dispatcher.zip"
  handler          = "dispatcher.redeliver"
  memory_size      = 256
  role             = aws_iam_role.redeliver.arn
  runtime          = "nodejs24.x"
  source_code_hash = filebase64sha256("${path.module}/dispatcher.zip")
  timeout          = 120
  tags             = local.tags

  environment {
    variables = {
      GH_OWNER     = local.github_owner
      GH_API_URL   = var.github_api_url
      TABLE_NAME   = aws_dynamodb_table.jobs.name
      SECRET_PARAM = aws_ssm_parameter.dispatcher.name
      HOOKS_PARAM  = aws_ssm_parameter.redeliver.name
    }
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.redeliver.name
  }

  depends_on = [aws_cloudwatch_log_group.redeliver]
}

resource "aws_iam_role" "schedule" {
  name                 = "${var.name_prefix}-schedule"
  assume_role_policy   = data.aws_iam_policy_document.schedule_trust.json
  description          = "Taken on by the schedule that invokes the redeliver function"
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags
}

data "aws_iam_policy_document" "schedule" {
  statement {
    sid       = "InvokeRedeliver"
    actions   = ["lambda:InvokeFunction"]
    resources = [aws_lambda_function.redeliver.arn]
  }
}

resource "aws_iam_role_policy" "schedule" {
  name   = "schedule"
  policy = data.aws_iam_policy_document.schedule.json
  role   = aws_iam_role.schedule.id
}

resource "aws_scheduler_schedule" "redeliver" {
  name                = "${var.name_prefix}-redeliver"
  description         = "Looks for deliveries that failed"
  schedule_expression = "rate(5 minutes)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.redeliver.arn
    role_arn = aws_iam_role.schedule.arn

    retry_policy {
      maximum_event_age_in_seconds = 300
      maximum_retry_attempts       = 0
    }
  }

  depends_on = [aws_iam_role_policy.redeliver, aws_iam_role_policy.schedule]
}
