# Generated from src/module/metrics.ts: change that, then run `npx projen generate`.

# A metric that nothing reports to costs nothing, so there is no default value.
resource "aws_cloudwatch_log_metric_filter" "waiting_denied_seconds_message_waiting_dispatcher" {
  name           = "${var.name_prefix}-waiting-denied-seconds-message-waiting-dispatcher"
  log_group_name = aws_cloudwatch_log_group.dispatcher.name
  pattern        = "{ ($.event = \"message.waiting\") && ($.reason = \"denied\") }"

  metric_transformation {
    name      = "WaitingDeniedSeconds"
    namespace = var.name_prefix
    value     = "$.ageSeconds"
    unit      = "Seconds"
  }
}

resource "aws_cloudwatch_log_metric_filter" "waiting_denied_seconds_access_refused_dispatcher" {
  name           = "${var.name_prefix}-waiting-denied-seconds-access-refused-dispatcher"
  log_group_name = aws_cloudwatch_log_group.dispatcher.name
  pattern        = "{ $.event = \"access.refused\" }"

  metric_transformation {
    name      = "WaitingDeniedSeconds"
    namespace = var.name_prefix
    value     = "601"
    unit      = "Seconds"
  }
}

resource "aws_cloudwatch_log_metric_filter" "waiting_denied_seconds_access_refused_redeliver" {
  name           = "${var.name_prefix}-waiting-denied-seconds-access-refused-redeliver"
  log_group_name = aws_cloudwatch_log_group.redeliver.name
  pattern        = "{ $.event = \"access.refused\" }"

  metric_transformation {
    name      = "WaitingDeniedSeconds"
    namespace = var.name_prefix
    value     = "601"
    unit      = "Seconds"
  }
}

resource "aws_cloudwatch_log_metric_filter" "waiting_unavailable_seconds" {
  name           = "${var.name_prefix}-waiting-unavailable-seconds"
  log_group_name = aws_cloudwatch_log_group.dispatcher.name
  pattern        = "{ ($.event = \"message.waiting\") && ($.reason = \"unavailable\") }"

  metric_transformation {
    name      = "WaitingUnavailableSeconds"
    namespace = var.name_prefix
    value     = "$.ageSeconds"
    unit      = "Seconds"
  }
}

resource "aws_cloudwatch_log_metric_filter" "waiting_github_limit_seconds" {
  name           = "${var.name_prefix}-waiting-github-limit-seconds"
  log_group_name = aws_cloudwatch_log_group.dispatcher.name
  pattern        = "{ ($.event = \"message.waiting\") && ($.reason = \"github-limit\") }"

  metric_transformation {
    name      = "WaitingGitHubLimitSeconds"
    namespace = var.name_prefix
    value     = "$.ageSeconds"
    unit      = "Seconds"
  }
}

resource "aws_cloudwatch_log_metric_filter" "waiting_no_room_seconds" {
  name           = "${var.name_prefix}-waiting-no-room-seconds"
  log_group_name = aws_cloudwatch_log_group.dispatcher.name
  pattern        = "{ ($.event = \"message.waiting\") && (($.reason = \"rate\") || ($.reason = \"quota\") || ($.reason = \"capacity\")) }"

  metric_transformation {
    name      = "WaitingNoRoomSeconds"
    namespace = var.name_prefix
    value     = "$.ageSeconds"
    unit      = "Seconds"
  }
}

resource "aws_cloudwatch_log_metric_filter" "waiting_image_seconds" {
  name           = "${var.name_prefix}-waiting-image-seconds"
  log_group_name = aws_cloudwatch_log_group.dispatcher.name
  pattern        = "{ ($.event = \"message.waiting\") && ($.reason = \"image\") }"

  metric_transformation {
    name      = "WaitingImageSeconds"
    namespace = var.name_prefix
    value     = "$.ageSeconds"
    unit      = "Seconds"
  }
}

resource "aws_cloudwatch_log_metric_filter" "waiting_seconds" {
  name           = "${var.name_prefix}-waiting-seconds"
  log_group_name = aws_cloudwatch_log_group.dispatcher.name
  pattern        = "{ $.event = \"message.waiting\" }"

  metric_transformation {
    name      = "WaitingSeconds"
    namespace = var.name_prefix
    value     = "$.ageSeconds"
    unit      = "Seconds"
  }
}

resource "aws_cloudwatch_log_metric_filter" "undelivered_seconds" {
  name           = "${var.name_prefix}-undelivered-seconds"
  log_group_name = aws_cloudwatch_log_group.redeliver.name
  pattern        = "{ $.event = \"redelivery.asked\" }"

  metric_transformation {
    name      = "UndeliveredSeconds"
    namespace = var.name_prefix
    value     = "$.ageSeconds"
    unit      = "Seconds"
  }
}

resource "aws_cloudwatch_log_metric_filter" "wasted_in_row" {
  name           = "${var.name_prefix}-wasted-in-row"
  log_group_name = aws_cloudwatch_log_group.dispatcher.name
  pattern        = "{ $.event = \"job.relaunched\" }"

  metric_transformation {
    name      = "WastedInARow"
    namespace = var.name_prefix
    value     = "$.wasted"
    unit      = "Count"
  }
}

resource "aws_cloudwatch_log_metric_filter" "start_seconds" {
  name           = "${var.name_prefix}-start-seconds"
  log_group_name = aws_cloudwatch_log_group.dispatcher.name
  pattern        = "{ $.event = \"job.ran\" }"

  metric_transformation {
    name      = "StartSeconds"
    namespace = var.name_prefix
    value     = "$.startSeconds"
    unit      = "Seconds"
  }
}

resource "aws_cloudwatch_log_metric_filter" "run_seconds" {
  name           = "${var.name_prefix}-run-seconds"
  log_group_name = aws_cloudwatch_log_group.dispatcher.name
  pattern        = "{ $.event = \"job.ran\" }"

  metric_transformation {
    name      = "RunSeconds"
    namespace = var.name_prefix
    value     = "$.runSeconds"
    unit      = "Seconds"
  }
}

resource "aws_cloudwatch_log_metric_filter" "microvm_seconds" {
  name           = "${var.name_prefix}-microvm-seconds"
  log_group_name = aws_cloudwatch_log_group.dispatcher.name
  pattern        = "{ $.event = \"launch.ended\" }"

  metric_transformation {
    name      = "MicrovmSeconds"
    namespace = var.name_prefix
    value     = "$.seconds"
    unit      = "Seconds"
  }
}

resource "aws_cloudwatch_log_metric_filter" "jobs_cut_off" {
  name           = "${var.name_prefix}-jobs-cut-off"
  log_group_name = aws_cloudwatch_log_group.dispatcher.name
  pattern        = "{ ($.event = \"launch.ended\") && ($.outcome = \"cut-off\") }"

  metric_transformation {
    name      = "JobsCutOff"
    namespace = var.name_prefix
    value     = "1"
    unit      = "Count"
  }
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

resource "aws_cloudwatch_log_metric_filter" "image_refresh_errors" {
  name           = "${var.name_prefix}-image-refresh-errors"
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
