# Generated from src/module/redeliver.ts: change that, then run `npx projen generate`.

# A parameter, because hundreds of repositories' hooks would not fit the function's environment of 4 KB. Nothing in it
# means the App's own webhook.
resource "aws_ssm_parameter" "redeliver" {
  # checkov:skip=CKV2_AWS_34:it holds ids of webhooks, and nothing secret

  name        = "/${var.name_prefix}/redeliver"
  description = "Webhooks whose failed deliveries are sent again"
  type        = "String"
  # The standard tier holds 4096 characters. Beside a name stand the hook's id of ten digits, quotes, colon and comma:
  # 14 characters.
  tier = (
    length(join("", local.github_repository_names)) + 14 * length(local.github_repository_names) + 64 > 4096
    ? "Advanced"
    : "Standard"
  )
  value = jsonencode({
    organization = tonumber(one(github_organization_webhook.runner[*].id))
    repositories = {
      for name, hook in github_repository_webhook.runner : element(split("/", name), 1) => tonumber(hook.id)
    }
  })
  tags = local.tags
}

resource "aws_cloudwatch_log_group" "redeliver" {
  # checkov:skip=CKV_AWS_338:how long logs are kept is the caller's to say with log_retention_days

  name              = "/aws/lambda/${var.name_prefix}-redeliver"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = local.tags
}

resource "aws_iam_role" "redeliver" {
  name                 = "${var.name_prefix}-redeliver"
  description          = "Taken on by the redeliver function"
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.function_trust.json
  tags                 = local.tags
}

# ReadParameters: the App's key, where it is an input, stands in the dispatcher's parameter only, in no second place.
data "aws_iam_policy_document" "redeliver" {
  source_policy_documents = data.aws_iam_policy_document.app_key[*].json

  statement {
    sid     = "ReadParameters"
    actions = ["ssm:GetParameter"]
    resources = concat(
      [aws_ssm_parameter.dispatcher.arn, aws_ssm_parameter.redeliver.arn],
      aws_ssm_parameter.classes[*].arn,
    )
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
        variable = "kms:ViaService"
        values   = ["${statement.key}.${local.region}.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role_policy" "redeliver" {
  name   = "redeliver"
  role   = aws_iam_role.redeliver.id
  policy = data.aws_iam_policy_document.redeliver.json
}

resource "aws_lambda_function" "redeliver" {
  # checkov:skip=CKV_AWS_50:tracing would add rights and an SDK to the path of a delivery; logs carry the ids of delivery, job and launch
  # checkov:skip=CKV_AWS_115:reserved concurrency is taken from the account's pool; the queue's maximum_concurrency bounds the dispatcher
  # checkov:skip=CKV_AWS_116:for asynchronous calls, of which there are none but the schedules' that come again; the jobs queue has its own
  # checkov:skip=CKV_AWS_117:it reaches GitHub and AWS's public endpoints only: a VPC would add a NAT gateway and isolate nothing
  # checkov:skip=CKV_AWS_173:nothing in the environment is secret
  # checkov:skip=CKV_AWS_272:a signing profile is the account's, and the hash of the code stands in the module

  function_name    = "${var.name_prefix}-redeliver"
  description      = "Has GitHub send again the deliveries that failed"
  role             = aws_iam_role.redeliver.arn
  runtime          = "nodejs24.x"
  architectures    = ["arm64"]
  handler          = "scheduled.redeliver"
  filename         = "${path.module}/dispatcher.zip"
  source_code_hash = filebase64sha256("${path.module}/dispatcher.zip")
  memory_size      = 256
  # A run makes at most 60 calls to GitHub, one after the other.
  timeout = 2 * 60
  tags    = local.tags

  environment {
    variables = {
      GH_OWNER        = local.github_owner
      GH_REPOSITORIES = join(",", local.github_repository_names)
      GH_API_URL      = var.github_api_url
      RUNNER_GROUP_ID = var.runner_group_id != null ? tostring(var.runner_group_id) : ""
      TABLE_NAME      = aws_dynamodb_table.jobs.name
      SECRET_PARAM    = aws_ssm_parameter.dispatcher.name
      HOOKS_PARAM     = aws_ssm_parameter.redeliver.name
      CLASSES_PARAM   = local.classes_param
    }
  }

  logging_config {
    log_group  = aws_cloudwatch_log_group.redeliver.name
    log_format = "Text"
  }

  depends_on = [aws_cloudwatch_log_group.redeliver, aws_iam_role_policy.redeliver]
}

resource "aws_iam_role" "schedule" {
  name                 = "${var.name_prefix}-schedule"
  description          = "Taken on by the schedule that invokes the redeliver function"
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.schedule_trust.json
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
  role   = aws_iam_role.schedule.id
  policy = data.aws_iam_policy_document.schedule.json
}

resource "aws_scheduler_schedule" "redeliver" {
  # checkov:skip=CKV_AWS_297:the schedule carries no data

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
      maximum_retry_attempts       = 0
      maximum_event_age_in_seconds = 5 * 60
    }
  }

  depends_on = [aws_iam_role_policy.redeliver, aws_iam_role_policy.schedule]
}
