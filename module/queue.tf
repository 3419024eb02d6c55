# Generated from src/module/queue.ts: change that, then run `npx projen generate`.

resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.name_prefix}-dead-letters"
  kms_master_key_id         = var.kms_key_arn
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  tags                      = local.tags
}

# Lambda asks for a visibility timeout of at least six times the function's timeout. The dispatcher puts a failing
# message back for up to five minutes, at least half of it: 600 receives outlive the 24 hours that GitHub keeps a job
# queued, and end before the queue forgets the message.
resource "aws_sqs_queue" "jobs" {
  name                      = "${var.name_prefix}-jobs"
  kms_master_key_id         = var.kms_key_arn
  message_retention_seconds = 345600
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 600
  })
  sqs_managed_sse_enabled    = var.kms_key_arn == null ? true : null
  visibility_timeout_seconds = var.dispatcher_timeout * 6
  tags                       = local.tags
}

data "aws_iam_policy_document" "jobs_queue" {
  statement {
    sid       = "DenyPlainHttp"
    actions   = ["sqs:*"]
    effect    = "Deny"
    resources = [aws_sqs_queue.jobs.arn]

    condition {
      test     = "Bool"
      values   = ["false"]
      variable = "aws:SecureTransport"
    }

    principals {
      identifiers = ["*"]
      type        = "*"
    }
  }
}

resource "aws_sqs_queue_policy" "jobs" {
  policy    = data.aws_iam_policy_document.jobs_queue.json
  queue_url = aws_sqs_queue.jobs.url
}

data "aws_iam_policy_document" "dead_letters_queue" {
  statement {
    sid       = "DenyPlainHttp"
    actions   = ["sqs:*"]
    effect    = "Deny"
    resources = [aws_sqs_queue.dead_letters.arn]

    condition {
      test     = "Bool"
      values   = ["false"]
      variable = "aws:SecureTransport"
    }

    principals {
      identifiers = ["*"]
      type        = "*"
    }
  }
}

resource "aws_sqs_queue_policy" "dead_letters" {
  policy    = data.aws_iam_policy_document.dead_letters_queue.json
  queue_url = aws_sqs_queue.dead_letters.url
}
