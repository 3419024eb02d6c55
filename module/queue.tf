# Generated from src/module/queue.ts: change that, then run `npx projen generate`.

resource "aws_sqs_queue" "dead_letters" {
  name = "${var.name_prefix}-dead-letters"
  # The longest that SQS keeps a message.
  message_retention_seconds = 14 * 24 * 60 * 60
  kms_master_key_id         = var.kms_key_arn
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  tags                      = local.tags
}

# Lambda asks for a visibility timeout of at least six times the function's timeout. The dispatcher puts a failing
# message back for up to five minutes, at least half of it: 600 receives outlive the 24 hours that GitHub keeps a job
# queued, and end before the queue forgets the message.
resource "aws_sqs_queue" "jobs" {
  name = "${var.name_prefix}-jobs"
  # GitHub cancels a job that has been queued for 24 hours; a message must outlive that.
  message_retention_seconds  = 4 * 24 * 60 * 60
  visibility_timeout_seconds = var.dispatcher_timeout * 6
  kms_master_key_id          = var.kms_key_arn
  sqs_managed_sse_enabled    = var.kms_key_arn == null ? true : null
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 600
  })
  tags = local.tags
}

data "aws_iam_policy_document" "jobs_queue" {
  statement {
    sid       = "DenyPlainHttp"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.jobs.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue_policy" "jobs" {
  queue_url = aws_sqs_queue.jobs.url
  policy    = data.aws_iam_policy_document.jobs_queue.json
}

data "aws_iam_policy_document" "dead_letters_queue" {
  statement {
    sid       = "DenyPlainHttp"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.dead_letters.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.url
  policy    = data.aws_iam_policy_document.dead_letters_queue.json
}
