# Generated from src/module/webhook.ts: change that, then run `npx projen generate`.

resource "aws_cloudwatch_log_group" "webhook" {
  # checkov:skip=CKV_AWS_338:how long logs are kept is the caller's to say with log_retention_days

  name              = "/aws/lambda/${var.name_prefix}-webhook"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = local.tags
}

resource "aws_iam_role" "webhook" {
  name                 = "${var.name_prefix}-webhook"
  description          = "Taken on by the webhook function"
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.function_trust.json
  tags                 = local.tags
}

# UseKeyThroughSsm: without kms_key_arn, the policy of the key aws/ssm lets the account's principals decrypt through SSM.
data "aws_iam_policy_document" "webhook" {
  statement {
    sid       = "ReadSecret"
    actions   = ["ssm:GetParameter"]
    resources = concat([aws_ssm_parameter.webhook.arn], aws_ssm_parameter.classes[*].arn)
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
        variable = "kms:ViaService"
        values   = ["${statement.key}.${local.region}.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role_policy" "webhook" {
  name   = "webhook"
  role   = aws_iam_role.webhook.id
  policy = data.aws_iam_policy_document.webhook.json
}

resource "aws_lambda_function" "webhook" {
  # checkov:skip=CKV_AWS_50:tracing would add rights and an SDK to the path of a delivery; logs carry the ids of delivery, job and launch
  # checkov:skip=CKV_AWS_115:reserved concurrency is taken from the account's pool; the queue's maximum_concurrency bounds the dispatcher
  # checkov:skip=CKV_AWS_116:for asynchronous calls, of which there are none but the schedules' that come again; the jobs queue has its own
  # checkov:skip=CKV_AWS_117:it reaches GitHub and AWS's public endpoints only: a VPC would add a NAT gateway and isolate nothing
  # checkov:skip=CKV_AWS_173:nothing in the environment is secret
  # checkov:skip=CKV_AWS_272:a signing profile is the account's, and the hash of the code stands in the module

  function_name    = "${var.name_prefix}-webhook"
  description      = "Verifies GitHub's deliveries and queues the jobs that are ours"
  role             = aws_iam_role.webhook.arn
  runtime          = "nodejs24.x"
  architectures    = ["arm64"]
  handler          = "webhook.handler"
  filename         = "${path.module}/dispatcher.zip"
  source_code_hash = filebase64sha256("${path.module}/dispatcher.zip")
  memory_size      = 512
  # GitHub waits ten seconds for an answer.
  timeout = 10
  tags    = local.tags

  environment {
    variables = {
      REQUIRED_LABELS           = join(",", var.required_labels)
      RUNNER_LABELS             = join(",", var.runner_labels)
      GH_OWNER                  = local.github_owner
      GH_REPOSITORIES           = join(",", local.github_repository_names)
      CLASSES_PARAM             = local.classes_param
      RUNNER_NAME_PREFIX        = var.name_prefix
      QUEUE_URL                 = aws_sqs_queue.jobs.url
      WEBHOOK_SECRET_PARAM      = aws_ssm_parameter.webhook.name
      WEBHOOK_SECRET_GENERATION = tostring(var.webhook_secret_generation)
    }
  }

  logging_config {
    log_group  = aws_cloudwatch_log_group.webhook.name
    log_format = "Text"
  }

  depends_on = [aws_cloudwatch_log_group.webhook, aws_iam_role_policy.webhook]
}

# Public on purpose: each request is authenticated by its HMAC. The aws provider adds both statements that a public
# URL needs (lambda:InvokeFunctionUrl, and lambda:InvokeFunction via the URL) itself when the type is NONE. A function that
# is made anew, under the same name, has lost its URL.
resource "aws_lambda_function_url" "webhook" {
  # checkov:skip=CKV_AWS_258:GitHub cannot sign for IAM, and each request is authenticated by its HMAC

  function_name      = aws_lambda_function.webhook.function_name
  authorization_type = "NONE"

  lifecycle {
    replace_triggered_by = [aws_lambda_function.webhook.id]
  }
}
