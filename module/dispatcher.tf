# Generated from src/module/dispatcher.ts: change that, then run `npx projen generate`.

resource "aws_cloudwatch_log_group" "dispatcher" {
  # checkov:skip=CKV_AWS_338:how long logs are kept is the caller's to say with log_retention_days

  name              = "/aws/lambda/${var.name_prefix}-dispatcher"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = local.tags
}

resource "aws_iam_role" "dispatcher" {
  name                 = "${var.name_prefix}-dispatcher"
  description          = "Taken on by the dispatcher function"
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.function_trust.json
  tags                 = local.tags
}

# RunMicrovms: a MicroVM has no ARN of its own, so whatever is done with one is authorised on its image: on all of this
# deployment, because MicroVMs of the one before may run on when another takes its place.
# PassConnectors: launching passes connectors that AWS manages, for which the right is needed too. Those with ingress
# are left out: nobody can launch a MicroVM that listens to the internet.
# PassExecRole: no condition on iam:PassedToService, which the service does not send: it would refuse every launch.
data "aws_iam_policy_document" "dispatcher" {
  source_policy_documents = data.aws_iam_policy_document.app_key[*].json

  statement {
    sid       = "ReadSecret"
    actions   = ["ssm:GetParameter"]
    resources = concat([aws_ssm_parameter.dispatcher.arn], aws_ssm_parameter.classes[*].arn)
  }

  statement {
    sid       = "KeepJobs"
    actions   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
    resources = [aws_dynamodb_table.jobs.arn]
  }

  statement {
    sid = "WorkOffJobs"
    actions = [
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:ReceiveMessage",
      "sqs:SendMessage",
    ]
    resources = [aws_sqs_queue.jobs.arn]
  }

  statement {
    sid       = "RunMicrovms"
    actions   = ["lambda:GetMicrovm", "lambda:RunMicrovm", "lambda:TerminateMicrovm"]
    resources = [local.images_arn_pattern, "${local.images_arn_pattern}:*"]
  }

  statement {
    sid     = "PassConnectors"
    actions = ["lambda:PassNetworkConnector"]
    resources = distinct(concat(
      ["${local.connector_arn_prefix}:NO_INGRESS", local.egress_connector_arn],
      [
        for class in values(var.runner_classes) : class.egress_network_connector_arn
        if class.egress_network_connector_arn != null
      ],
    ))
  }

  statement {
    sid       = "PassExecRole"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.exec.arn]
  }

  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.dispatcher.arn}:*"]
  }

  dynamic "statement" {
    for_each = {
      for service, actions in {
        dynamodb = ["kms:Decrypt"]
        sqs      = ["kms:Decrypt", "kms:GenerateDataKey"]
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

resource "aws_iam_role_policy" "dispatcher" {
  name   = "dispatcher"
  role   = aws_iam_role.dispatcher.id
  policy = data.aws_iam_policy_document.dispatcher.json
}

resource "aws_lambda_function" "dispatcher" {
  # checkov:skip=CKV_AWS_50:tracing would add rights and an SDK to the path of a delivery; logs carry the ids of delivery, job and launch
  # checkov:skip=CKV_AWS_115:reserved concurrency is taken from the account's pool; the queue's maximum_concurrency bounds the dispatcher
  # checkov:skip=CKV_AWS_116:for asynchronous calls, of which there are none but the schedules' that come again; the jobs queue has its own
  # checkov:skip=CKV_AWS_117:it reaches GitHub and AWS's public endpoints only: a VPC would add a NAT gateway and isolate nothing
  # checkov:skip=CKV_AWS_173:nothing in the environment is secret
  # checkov:skip=CKV_AWS_272:a signing profile is the account's, and the hash of the code stands in the module

  function_name    = "${var.name_prefix}-dispatcher"
  description      = "Launches a MicroVM for each queued job and ends it when the job is over"
  role             = aws_iam_role.dispatcher.arn
  runtime          = "nodejs24.x"
  architectures    = ["arm64"]
  handler          = "dispatcher.handler"
  filename         = "${path.module}/dispatcher.zip"
  source_code_hash = filebase64sha256("${path.module}/dispatcher.zip")
  memory_size      = var.dispatcher_memory_size
  timeout          = var.dispatcher_timeout
  tags             = local.tags

  environment {
    variables = {
      REQUIRED_LABELS                = join(",", var.required_labels)
      RUNNER_LABELS                  = join(",", var.runner_labels)
      GH_OWNER                       = local.github_owner
      GH_REPOSITORIES                = join(",", local.github_repository_names)
      CLASSES_PARAM                  = local.classes_param
      RUNNER_NAME_PREFIX             = var.name_prefix
      QUEUE_URL                      = aws_sqs_queue.jobs.url
      TABLE_NAME                     = aws_dynamodb_table.jobs.name
      SECRET_PARAM                   = aws_ssm_parameter.dispatcher.name
      GH_API_URL                     = var.github_api_url
      RUNNER_GROUP_ID                = var.runner_group_id != null ? tostring(var.runner_group_id) : ""
      IMAGE_ARN                      = local.image_arn
      IMAGE_VERSION                  = var.image_version != null ? var.image_version : ""
      EXEC_ROLE_ARN                  = aws_iam_role.exec.arn
      INGRESS_CONNECTOR_ARN          = "${local.connector_arn_prefix}:NO_INGRESS"
      EGRESS_CONNECTOR_ARN           = local.egress_connector_arn
      LOG_GROUP                      = aws_cloudwatch_log_group.runner.name
      ALLOW_FORK_PULL_REQUESTS       = tostring(var.allow_fork_pull_requests)
      MEMORY_MIB                     = tostring(var.runner_memory_mib)
      PAUSED                         = tostring(var.paused)
      MAX_DURATION_SECONDS           = tostring(var.max_duration_seconds)
      MAX_CONCURRENCY                = tostring(var.max_concurrency)
      MAX_CONCURRENCY_PER_REPOSITORY = tostring(var.max_concurrency_per_repository)
      FINISH_BASE_URL                = trimsuffix(aws_lambda_function_url.webhook.function_url, "/")
    }
  }

  logging_config {
    log_group  = aws_cloudwatch_log_group.dispatcher.name
    log_format = "Text"
  }

  depends_on = [aws_cloudwatch_log_group.dispatcher, aws_iam_role_policy.dispatcher]
}

resource "aws_lambda_function_recursion_config" "dispatcher" {
  function_name = aws_lambda_function.dispatcher.function_name
  # It sends its own follow-up messages: a watched job takes more rounds than the 16 that Lambda allows.
  recursive_loop = "Allow"

  lifecycle {
    replace_triggered_by = [aws_lambda_function.dispatcher.id]
  }
}

resource "aws_lambda_event_source_mapping" "jobs" {
  function_name    = aws_lambda_function.dispatcher.function_name
  event_source_arn = aws_sqs_queue.jobs.arn
  # Messages of one batch are handled side by side and fail one by one.
  batch_size              = 5
  function_response_types = ["ReportBatchItemFailures"]
  tags                    = local.tags

  scaling_config {
    # The service launches five MicroVMs a second: a few invocations keep up with it, and leave the account's to the webhook.
    maximum_concurrency = var.dispatcher_concurrency
  }

  depends_on = [aws_iam_role_policy.dispatcher]
}
