# Generated from src/module/alarms.ts: change that, then run `npx projen generate`.

# An alarm without actions is still to be seen in CloudWatch.
resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_actions       = var.alarm_actions
  alarm_description   = "Jobs were given up: their messages are in the dead-letter queue"
  alarm_name          = "${var.name_prefix}-dead-letters"
  comparison_operator = "GreaterThanThreshold"
  dimensions = {
    QueueName = aws_sqs_queue.dead_letters.name
  }
  evaluation_periods = 1
  metric_name        = "ApproximateNumberOfMessagesVisible"
  namespace          = "AWS/SQS"
  ok_actions         = var.alarm_actions
  period             = 300
  statistic          = "Maximum"
  threshold          = 0
  treat_missing_data = "notBreaching"
  tags               = local.tags
}

resource "aws_cloudwatch_metric_alarm" "jobs_age" {
  alarm_actions       = var.alarm_actions
  alarm_description   = "Jobs wait: the dispatcher fails, or the account has no capacity for more MicroVMs"
  alarm_name          = "${var.name_prefix}-jobs-age"
  comparison_operator = "GreaterThanThreshold"
  dimensions = {
    QueueName = aws_sqs_queue.jobs.name
  }
  evaluation_periods = 3
  metric_name        = "ApproximateAgeOfOldestMessage"
  namespace          = "AWS/SQS"
  ok_actions         = var.alarm_actions
  period             = 300
  statistic          = "Maximum"
  threshold          = 1800
  treat_missing_data = "notBreaching"
  tags               = local.tags
}

resource "aws_cloudwatch_log_metric_filter" "jobs_exhausted" {
  name           = "${var.name_prefix}-jobs-exhausted"
  log_group_name = aws_cloudwatch_log_group.dispatcher.name
  pattern        = "{ $.event = \"job.exhausted\" }"

  metric_transformation {
    name      = "JobsExhausted"
    namespace = var.name_prefix
    unit      = "Count"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "jobs_exhausted" {
  alarm_actions       = var.alarm_actions
  alarm_description   = "A job was given up: none of the MicroVMs launched for it came to run it"
  alarm_name          = "${var.name_prefix}-jobs-exhausted"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "JobsExhausted"
  namespace           = var.name_prefix
  ok_actions          = var.alarm_actions
  period              = 300
  statistic           = "Sum"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "prune_failed" {
  alarm_actions       = var.alarm_actions
  alarm_description   = "Old versions of the runner image stay and cost: the log of the prune function says why"
  alarm_name          = "${var.name_prefix}-prune-failed"
  comparison_operator = "GreaterThanThreshold"
  dimensions = {
    FunctionName = aws_lambda_function.prune.function_name
  }
  evaluation_periods = 1
  metric_name        = "Errors"
  namespace          = "AWS/Lambda"
  ok_actions         = var.alarm_actions
  period             = 300
  statistic          = "Sum"
  threshold          = 0
  treat_missing_data = "notBreaching"
  tags               = local.tags
}
