# Generated from src/module/alarms.ts: change that, then run `npx projen generate`.

# An alarm without actions is still to be seen in CloudWatch.
resource "aws_cloudwatch_metric_alarm" "denied" {
  count = contains(var.alarms_left_out, "denied") ? 0 : 1

  alarm_name          = "${var.name_prefix}-denied"
  alarm_description   = "GitHub or AWS refuse what jobs need: the App's key, its installation, or a permission. First: run gha-microvm doctor: it names what is refused. More: docs/USAGE.md, \"denied\"."
  namespace           = var.name_prefix
  metric_name         = "WaitingDeniedSeconds"
  unit                = "Seconds"
  statistic           = "Maximum"
  period              = 5 * 60
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  # A refusal of the App itself counts as more at once.
  threshold           = 10 * 60
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "deliveries_failing" {
  count = contains(var.alarms_left_out, "deliveries-failing") ? 0 : 1

  alarm_name          = "${var.name_prefix}-deliveries-failing"
  alarm_description   = "GitHub's deliveries do not reach the webhook function, so jobs are not known of. First: look at the status of the latest deliveries in the webhook's settings on GitHub, or run gha-microvm doctor. More: docs/USAGE.md, \"deliveries-failing\"."
  namespace           = var.name_prefix
  metric_name         = "UndeliveredSeconds"
  unit                = "Seconds"
  statistic           = "Maximum"
  period              = 5 * 60
  evaluation_periods  = 3
  datapoints_to_alarm = 1
  # By then GitHub was asked three times to send it again.
  threshold           = 15 * 60
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "no_room" {
  count = contains(var.alarms_left_out, "no-room") ? 0 : 1

  alarm_name          = "${var.name_prefix}-no-room"
  alarm_description   = "Jobs wait because AWS starts no more MicroVMs: a quota or the Region's capacity is used up. First: run gha-microvm doctor for the account's quotas; message.waiting in the dispatcher's log names the reason. More: docs/USAGE.md, \"no-room\"."
  namespace           = var.name_prefix
  metric_name         = "WaitingNoRoomSeconds"
  unit                = "Seconds"
  statistic           = "Maximum"
  period              = 5 * 60
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  threshold           = var.alarm_wait_minutes * 60
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "image_unusable" {
  count = contains(var.alarms_left_out, "image-unusable") ? 0 : 1

  alarm_name          = "${var.name_prefix}-image-unusable"
  alarm_description   = "Jobs wait because no version of the runner image can be launched. First: run gha-microvm doctor: it shows the last build; pin image_version to one that worked. More: docs/USAGE.md, \"image-unusable\"."
  namespace           = var.name_prefix
  metric_name         = "WaitingImageSeconds"
  unit                = "Seconds"
  statistic           = "Maximum"
  period              = 5 * 60
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  threshold           = var.alarm_wait_minutes * 60
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "unavailable" {
  count = contains(var.alarms_left_out, "unavailable") ? 0 : 1

  alarm_name          = "${var.name_prefix}-unavailable"
  alarm_description   = "Jobs wait because GitHub or AWS do not answer, or because of a defect. First: look for message.waiting in the dispatcher's log: its error names who does not answer. More: docs/USAGE.md, \"unavailable\"."
  namespace           = var.name_prefix
  metric_name         = "WaitingUnavailableSeconds"
  unit                = "Seconds"
  statistic           = "Maximum"
  period              = 5 * 60
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  # A wait of less is the moment's fault: GitHub and AWS are away for minutes again and again.
  threshold           = 15 * 60
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "github_budget" {
  count = contains(var.alarms_left_out, "github-budget") ? 0 : 1

  alarm_name          = "${var.name_prefix}-github-budget"
  alarm_description   = "Jobs wait because GitHub's rate limit of the App is used up. First: see whether another program uses the same App; each job takes some five calls of the App's own limit. More: docs/USAGE.md, \"github-budget\"."
  namespace           = var.name_prefix
  metric_name         = "WaitingGitHubLimitSeconds"
  unit                = "Seconds"
  statistic           = "Maximum"
  period              = 5 * 60
  evaluation_periods  = 4
  datapoints_to_alarm = 1
  # A wait of less is the moment's fault: GitHub and AWS are away for minutes again and again.
  threshold           = 15 * 60
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "dispatcher_failing" {
  count = contains(var.alarms_left_out, "dispatcher-failing") ? 0 : 1

  alarm_name          = "${var.name_prefix}-dispatcher-failing"
  alarm_description   = "The dispatcher function ends in errors or is not started. First: look at the end of its log; throttles mean that the account's concurrency is used up by other functions. More: docs/USAGE.md, \"dispatcher-failing\"."
  evaluation_periods  = 3
  datapoints_to_alarm = 3
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags

  metric_query {
    id          = "filled"
    expression  = "FILL(errors, 0) + FILL(throttles, 0)"
    label       = "Errors and throttles"
    return_data = true
  }

  metric_query {
    id = "errors"

    metric {
      namespace   = "AWS/Lambda"
      metric_name = "Errors"
      dimensions = {
        FunctionName = aws_lambda_function.dispatcher.function_name
      }
      stat   = "Sum"
      period = 5 * 60
    }
  }

  metric_query {
    id = "throttles"

    metric {
      namespace   = "AWS/Lambda"
      metric_name = "Throttles"
      dimensions = {
        FunctionName = aws_lambda_function.dispatcher.function_name
      }
      stat   = "Sum"
      period = 5 * 60
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "queue_stuck" {
  count = contains(var.alarms_left_out, "queue-stuck") ? 0 : 1

  alarm_name        = "${var.name_prefix}-queue-stuck"
  alarm_description = "Nobody takes messages from the jobs queue. First: see whether the dispatcher's event source mapping is enabled and whether the queue's key can be used. More: docs/USAGE.md, \"queue-stuck\"."
  namespace         = "AWS/SQS"
  metric_name       = "ApproximateAgeOfOldestMessage"
  dimensions = {
    QueueName = aws_sqs_queue.jobs.name
  }
  statistic           = "Maximum"
  period              = 5 * 60
  evaluation_periods  = 3
  datapoints_to_alarm = 3
  # Messages that wait are sent anew, so only those that nobody takes grow old.
  threshold           = 15 * 60
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "launches_wasted" {
  count = contains(var.alarms_left_out, "launches-wasted") ? 0 : 1

  alarm_name          = "${var.name_prefix}-launches-wasted"
  alarm_description   = "MicroVMs are launched for a job one after the other and none comes to run it. First: read the log of such a MicroVM: gha-microvm where JOB names it; most often it has no way to GitHub. More: docs/USAGE.md, \"launches-wasted\"."
  namespace           = var.name_prefix
  metric_name         = "WastedInARow"
  unit                = "Count"
  statistic           = "Maximum"
  period              = 5 * 60
  evaluation_periods  = 24
  datapoints_to_alarm = 1
  # One MicroVM in ten may die, and nobody need know.
  threshold           = 2
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "runner_refused" {
  count = contains(var.alarms_left_out, "runner-refused") ? 0 : 1

  alarm_name          = "${var.name_prefix}-runner-refused"
  alarm_description   = "GitHub refuses the runner of the image: jobs wait until the image is built with a newer one. First: look at the log of the refresh function, which builds it; with a pin, set a newer runner_version. More: docs/USAGE.md, \"runner-refused\"."
  namespace           = var.name_prefix
  metric_name         = "RunnerRefused"
  unit                = "Count"
  statistic           = "Sum"
  period              = 5 * 60
  evaluation_periods  = 12
  datapoints_to_alarm = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "runner_days_left" {
  count = contains(var.alarms_left_out, "runner-days-left") ? 0 : 1

  alarm_name          = "${var.name_prefix}-runner-days-left"
  alarm_description   = "In fewer than three weeks GitHub may stop giving jobs to the runner of the image. First: look at the log of the refresh function for why the image is not built again. More: docs/USAGE.md, \"runner-days-left\"."
  namespace           = var.name_prefix
  metric_name         = "RunnerDaysLeft"
  unit                = "None"
  statistic           = "Minimum"
  period              = 60 * 60
  evaluation_periods  = 1
  datapoints_to_alarm = 1
  # Left to itself the image never has fewer than 26: a person must look.
  threshold           = 21
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "ignore"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "image_refresh" {
  count = contains(var.alarms_left_out, "image-refresh") ? 0 : 1

  alarm_name          = "${var.name_prefix}-image-refresh"
  alarm_description   = "Building the runner image again failed, does not end, or rescued it from a refused runner. First: look at the errors in the log of the refresh function: they say which, and what to do. More: docs/USAGE.md, \"image-refresh\"."
  evaluation_periods  = 24
  datapoints_to_alarm = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags

  metric_query {
    id          = "filled"
    expression  = "FILL(counted, 0) + FILL(errors, 0)"
    label       = "ImageRefreshErrors"
    return_data = true
  }

  metric_query {
    id = "counted"

    metric {
      namespace   = var.name_prefix
      metric_name = "ImageRefreshErrors"
      stat        = "Sum"
      period      = 60 * 60
    }
  }

  metric_query {
    id = "errors"

    metric {
      namespace   = "AWS/Lambda"
      metric_name = "Errors"
      dimensions = {
        FunctionName = aws_lambda_function.refresh.function_name
      }
      stat   = "Sum"
      period = 60 * 60
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "redeliver_failing" {
  count = contains(var.alarms_left_out, "redeliver-failing") ? 0 : 1

  alarm_name        = "${var.name_prefix}-redeliver-failing"
  alarm_description = "Nobody looks at what GitHub could not deliver: the redeliver function fails or is not invoked. First: look at its log: a webhook is gone or the App lacks the permission for webhooks; an empty log means its schedule. More: docs/USAGE.md, \"redeliver-failing\"."
  namespace         = "AWS/Lambda"
  metric_name       = "Errors"
  dimensions = {
    FunctionName = aws_lambda_function.redeliver.function_name
  }
  statistic           = "Sum"
  period              = 5 * 60
  evaluation_periods  = 3
  datapoints_to_alarm = 3
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "missing"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  # A schedule that stops is told so; a new alarm begins in that state, so the first apply tells nobody.
  insufficient_data_actions = var.alarm_actions
  tags                      = local.tags
}

resource "aws_cloudwatch_metric_alarm" "jobs_cut_off" {
  count = contains(var.alarms_left_out, "jobs-cut-off") ? 0 : 1

  alarm_name          = "${var.name_prefix}-jobs-cut-off"
  alarm_description   = "Jobs run into the longest life of a MicroVM and are cancelled. First: raise max_duration_seconds, which may be 28800, or split the jobs. More: docs/USAGE.md, \"jobs-cut-off\"."
  evaluation_periods  = 1
  datapoints_to_alarm = 1
  # One or two jobs that hang are their owners' to mend.
  threshold           = 2
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags

  metric_query {
    id          = "filled"
    expression  = "FILL(counted, 0)"
    label       = "JobsCutOff"
    return_data = true
  }

  metric_query {
    id = "counted"

    metric {
      namespace   = var.name_prefix
      metric_name = "JobsCutOff"
      stat        = "Sum"
      period      = 60 * 60
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "jobs_exhausted" {
  count = contains(var.alarms_left_out, "jobs-exhausted") ? 0 : 1

  alarm_name          = "${var.name_prefix}-jobs-exhausted"
  alarm_description   = "Four MicroVMs in a row died for one job; the next ones follow at longer and longer intervals. First: run gha-microvm where JOB: it says what became of them. More: docs/USAGE.md, \"jobs-exhausted\"."
  namespace           = var.name_prefix
  metric_name         = "JobsExhausted"
  unit                = "Count"
  statistic           = "Sum"
  period              = 5 * 60
  evaluation_periods  = 12
  datapoints_to_alarm = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "jobs_expiring" {
  count = contains(var.alarms_left_out, "jobs-expiring") ? 0 : 1

  alarm_name          = "${var.name_prefix}-jobs-expiring"
  alarm_description   = "A job has waited for half a day, and GitHub cancels it after a whole one. First: run gha-microvm where JOB for the one that message.waiting in the dispatcher's log names. More: docs/USAGE.md, \"jobs-expiring\"."
  namespace           = var.name_prefix
  metric_name         = "WaitingSeconds"
  unit                = "Seconds"
  statistic           = "Maximum"
  period              = 5 * 60
  evaluation_periods  = 12
  datapoints_to_alarm = 1
  threshold           = 12 * 60 * 60
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  count = contains(var.alarms_left_out, "dead-letters") ? 0 : 1

  alarm_name        = "${var.name_prefix}-dead-letters"
  alarm_description = "Messages failed for a day and were given up: their MicroVMs may run to their longest life. First: look for message.waiting in the dispatcher's log, mend its error, then start a redrive of the queue. More: docs/USAGE.md, \"dead-letters\"."
  namespace         = "AWS/SQS"
  metric_name       = "ApproximateNumberOfMessagesVisible"
  dimensions = {
    QueueName = aws_sqs_queue.dead_letters.name
  }
  statistic           = "Maximum"
  period              = 5 * 60
  evaluation_periods  = 1
  datapoints_to_alarm = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "prune_failed" {
  count = contains(var.alarms_left_out, "prune-failed") ? 0 : 1

  alarm_name        = "${var.name_prefix}-prune-failed"
  alarm_description = "Old versions of the runner image stay and cost, and at 50 no new one can be built. First: look at the log of the prune function: it says which version and why. More: docs/USAGE.md, \"prune-failed\"."
  namespace         = "AWS/Lambda"
  metric_name       = "Errors"
  dimensions = {
    FunctionName = aws_lambda_function.prune.function_name
  }
  statistic           = "Sum"
  period              = 24 * 60 * 60
  evaluation_periods  = 1
  datapoints_to_alarm = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = local.tags
}
