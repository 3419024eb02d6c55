# Generated from src/module/queue.ts: change that, then run `npx projen generate`.

resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.name_prefix}-dead-letters"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
  tags                      = local.tags
}

# Lambda asks for a visibility timeout of at least six times the function's timeout.
resource "aws_sqs_queue" "jobs" {
  name                      = "${var.name_prefix}-jobs"
  message_retention_seconds = 345600
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 5
  })
  sqs_managed_sse_enabled    = true
  visibility_timeout_seconds = var.dispatcher_timeout * 6
  tags                       = local.tags
}
