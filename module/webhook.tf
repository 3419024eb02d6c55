# Generated from src/module/webhook.ts: change that, then run `npx projen generate`.

resource "aws_cloudwatch_log_group" "webhook" {
  name              = "/aws/lambda/${var.name_prefix}-webhook"
  kms_key_id        = var.kms_key_arn
  retention_in_days = var.log_retention_days
  tags              = local.tags
}

resource "aws_iam_role" "webhook" {
  name                 = "${var.name_prefix}-webhook"
  assume_role_policy   = data.aws_iam_policy_document.function_trust.json
  description          = "Taken on by the webhook function"
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags
}

# UseKeyThroughSsm: without kms_key_arn, the policy of the key aws/ssm lets the account's principals decrypt through SSM.
data "aws_iam_policy_document" "webhook" {
  statement {
    sid       = "ReadSecret"
    actions   = ["ssm:GetParameter"]
    resources = [aws_ssm_parameter.webhook.arn]
  }

  statement {
    sid       = "QueueJobs"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.jobs.arn]
  }

  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.webhook.arn}:*"]
  }

  dynamic "statement" {
    for_each = {
      for service, actions in {
        sqs  = ["kms:Decrypt", "kms:GenerateDataKey"]
        ssm  = ["kms:Decrypt"]
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

resource "aws_iam_role_policy" "webhook" {
  name   = "webhook"
  policy = data.aws_iam_policy_document.webhook.json
  role   = aws_iam_role.webhook.id
}

resource "aws_lambda_function" "webhook" {
  function_name    = "${var.name_prefix}-webhook"
  architectures    = ["arm64"]
  description      = "Verifies GitHub's deliveries and queues the jobs that are ours"
  filename         = "${path.module}/dispatcher.zip"
  handler          = "webhook.handler"
  memory_size      = 256
  role             = aws_iam_role.webhook.arn
  runtime          = "nodejs24.x"
  source_code_hash = filebase64sha256("${path.module}/dispatcher.zip")
  timeout          = 10
  tags             = local.tags

  environment {
    variables = {
      REQUIRED_LABELS           = join(",", var.required_labels)
      RUNNER_LABELS             = join(",", var.runner_labels)
      GH_OWNER                  = local.github_owner
      GH_REPOSITORIES           = join(",", local.github_repository_names)
      RUNNER_NAME_PREFIX        = var.name_prefix
      QUEUE_URL                 = aws_sqs_queue.jobs.url
      WEBHOOK_SECRET_PARAM      = aws_ssm_parameter.webhook.name
      WEBHOOK_SECRET_GENERATION = tostring(var.webhook_secret_generation)
    }
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.webhook.name
  }

  depends_on = [aws_cloudwatch_log_group.webhook]
}

# Public on purpose: each request is authenticated by its HMAC. The aws provider adds both statements that a public
# URL needs (lambda:InvokeFunctionUrl, and lambda:InvokeFunction via the URL) itself when the type is NONE.
resource "aws_lambda_function_url" "webhook" {
  function_name      = aws_lambda_function.webhook.function_name
  authorization_type = "NONE"
}
