# Generated from src/module/alarms.ts: change that, then run `npx projen generate`.

# An alarm without actions is still to be seen in CloudWatch.
resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name        = "${var.name_prefix}-dead-letters"
  alarm_description = "Jobs were given up: their messages are in the dead-letter queue"
  namespace         = "AWS/SQS"
  metric_name       = "ApproximateNumberOfMessagesVisible"
  dimensions = {
    QueueName = aws_sqs_queue.dead_letters.name
  }
  statistic = "Maximum"
  # The metrics are reported once a minute; five minutes even out a single late report.
  period              = 5 * 60
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "jobs_age" {
  alarm_name        = "${var.name_prefix}-jobs-age"
  alarm_description = "Jobs wait: the dispatcher fails, or the account has no capacity for more MicroVMs"
  namespace         = "AWS/SQS"
  metric_name       = "ApproximateAgeOfOldestMessage"
  dimensions = {
    QueueName = aws_sqs_queue.jobs.name
  }
  statistic = "Maximum"
  # The metrics are reported once a minute; five minutes even out a single late report.
  period             = 5 * 60
  evaluation_periods = 3
  # A job that waits for capacity is no fault yet; one that nobody works off for this long is.
  threshold           = 30 * 60
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_log_metric_filter" "jobs_exhausted" {
  name           = "${var.name_prefix}-jobs-exhausted"
  log_group_name = aws_cloudwatch_log_group.dispatcher.name
  pattern        = "{ $.event = \"job.exhausted\" }"

  metric_transformation {
    name      = "JobsExhausted"
    namespace = var.name_prefix
    value     = "1"
    unit      = "Count"
  }
}

resource "aws_cloudwatch_metric_alarm" "jobs_exhausted" {
  alarm_name        = "${var.name_prefix}-jobs-exhausted"
  alarm_description = "A job was given up: none of the MicroVMs launched for it came to run it"
  namespace         = var.name_prefix
  metric_name       = "JobsExhausted"
  statistic         = "Sum"
  # The metrics are reported once a minute; five minutes even out a single late report.
  period              = 5 * 60
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "prune_failed" {
  alarm_name        = "${var.name_prefix}-prune-failed"
  alarm_description = "Old versions of the runner image stay and cost: the log of the prune function says why"
  namespace         = "AWS/Lambda"
  metric_name       = "Errors"
  dimensions = {
    FunctionName = aws_lambda_function.prune.function_name
  }
  statistic = "Sum"
  # The metrics are reported once a minute; five minutes even out a single late report.
  period              = 5 * 60
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_log_metric_filter" "runner_refused" {
  name           = "${var.name_prefix}-runner-refused"
  log_group_name = aws_cloudwatch_log_group.dispatcher.name
  pattern        = "{ $.event = \"runner.refused\" }"

  metric_transformation {
    name      = "RunnerRefused"
    namespace = var.name_prefix
    value     = "1"
    unit      = "Count"
  }
}

resource "aws_cloudwatch_metric_alarm" "runner_refused" {
  alarm_name        = "${var.name_prefix}-runner-refused"
  alarm_description = "GitHub refuses the runner of the image: jobs wait until the image is built with a newer one"
  namespace         = var.name_prefix
  metric_name       = "RunnerRefused"
  unit              = "Count"
  statistic         = "Sum"
  # The metrics are reported once a minute; five minutes even out a single late report.
  period              = 5 * 60
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_log_metric_filter" "image_refresh" {
  name           = "${var.name_prefix}-image-refresh"
  log_group_name = aws_cloudwatch_log_group.refresh.name
  pattern        = "{ $.level = \"error\" }"

  metric_transformation {
    name          = "ImageRefreshErrors"
    namespace     = var.name_prefix
    value         = "1"
    unit          = "Count"
    default_value = "0"
  }
}

# A function that runs out of time, or cannot start, says nothing itself: Lambda counts it.
resource "aws_cloudwatch_metric_alarm" "image_refresh" {
  alarm_name          = "${var.name_prefix}-image-refresh"
  alarm_description   = "Building the runner image again failed, does not end, or rescued it from a refused runner: the log of the refresh function says which"
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags

  metric_query {
    id          = "faults"
    expression  = "FILL(told, 0) + FILL(failed, 0)"
    label       = "Faults"
    return_data = true
  }

  metric_query {
    id = "told"

    metric {
      namespace   = var.name_prefix
      metric_name = "ImageRefreshErrors"
      # The metrics are reported once a minute; five minutes even out a single late report.
      period = 5 * 60
      stat   = "Sum"
    }
  }

  metric_query {
    id = "failed"

    metric {
      namespace   = "AWS/Lambda"
      metric_name = "Errors"
      dimensions = {
        FunctionName = aws_lambda_function.refresh.function_name
      }
      # The metrics are reported once a minute; five minutes even out a single late report.
      period = 5 * 60
      stat   = "Sum"
    }
  }
}

resource "aws_cloudwatch_log_metric_filter" "runner_days_left" {
  name           = "${var.name_prefix}-runner-days-left"
  log_group_name = aws_cloudwatch_log_group.refresh.name
  pattern        = "{ $.event = \"runner.days_left\" }"

  metric_transformation {
    name      = "RunnerDaysLeft"
    namespace = var.name_prefix
    value     = "$.daysLeft"
    unit      = "None"
  }
}

resource "aws_cloudwatch_metric_alarm" "runner_days_left" {
  alarm_name        = "${var.name_prefix}-runner-days-left"
  alarm_description = "In fewer than three weeks GitHub may stop giving jobs to the runner of the image"
  namespace         = var.name_prefix
  metric_name       = "RunnerDaysLeft"
  statistic         = "Minimum"
  # The metrics are reported once a minute; five minutes even out a single late report.
  period             = 5 * 60
  evaluation_periods = 1
  # Left to itself the image never has fewer than 26: a person must look.
  threshold           = 21
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}
