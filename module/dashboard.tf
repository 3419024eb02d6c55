# Generated from src/module/dashboard.ts: change that, then run `npx projen generate`.

# Its name has the Region in it: dashboards of an account share their names over all Regions.
resource "aws_cloudwatch_dashboard" "overview" {
  count = var.dashboard ? 1 : 0

  dashboard_name = "${var.name_prefix}-${local.region}"
  dashboard_body = jsonencode({
    widgets = [
      {
        type   = "alarm"
        x      = 0
        y      = 0
        width  = 24
        height = 4
        properties = {
          title = "Alarms"
          alarms = flatten([
            aws_cloudwatch_metric_alarm.denied[*].arn,
            aws_cloudwatch_metric_alarm.deliveries_failing[*].arn,
            aws_cloudwatch_metric_alarm.no_room[*].arn,
            aws_cloudwatch_metric_alarm.image_unusable[*].arn,
            aws_cloudwatch_metric_alarm.unavailable[*].arn,
            aws_cloudwatch_metric_alarm.github_budget[*].arn,
            aws_cloudwatch_metric_alarm.dispatcher_failing[*].arn,
            aws_cloudwatch_metric_alarm.queue_stuck[*].arn,
            aws_cloudwatch_metric_alarm.launches_wasted[*].arn,
            aws_cloudwatch_metric_alarm.runner_refused[*].arn,
            aws_cloudwatch_metric_alarm.runner_days_left[*].arn,
            aws_cloudwatch_metric_alarm.image_refresh[*].arn,
            aws_cloudwatch_metric_alarm.redeliver_failing[*].arn,
            aws_cloudwatch_metric_alarm.jobs_cut_off[*].arn,
            aws_cloudwatch_metric_alarm.jobs_exhausted[*].arn,
            aws_cloudwatch_metric_alarm.jobs_expiring[*].arn,
            aws_cloudwatch_metric_alarm.dead_letters[*].arn,
            aws_cloudwatch_metric_alarm.prune_failed[*].arn,
          ])
        }
      },
      {
        type   = "metric"
        x      = 0
        y      = 4
        width  = 6
        height = 3
        properties = {
          title = "Jobs run"
          metrics = [
            [
              var.name_prefix,
              "StartSeconds",
              {
                stat  = "SampleCount"
                label = "jobs"
              },
            ],
          ]
          view                 = "singleValue"
          region               = local.region
          setPeriodToTimeRange = true
        }
      },
      {
        type   = "metric"
        x      = 6
        y      = 4
        width  = 6
        height = 3
        properties = {
          title = "Start, p90 in seconds"
          metrics = [
            [
              var.name_prefix,
              "StartSeconds",
              {
                stat  = "p90"
                label = "p90"
              },
            ],
          ]
          view                 = "singleValue"
          region               = local.region
          setPeriodToTimeRange = true
        }
      },
      {
        type   = "metric"
        x      = 12
        y      = 4
        width  = 6
        height = 3
        properties = {
          title = "Longest wait in seconds"
          metrics = [
            [
              var.name_prefix,
              "WaitingSeconds",
              {
                stat  = "Maximum"
                label = "longest"
              },
            ],
          ]
          view                 = "singleValue"
          region               = local.region
          setPeriodToTimeRange = true
        }
      },
      {
        type   = "metric"
        x      = 18
        y      = 4
        width  = 6
        height = 3
        properties = {
          title = "MicroVM seconds"
          metrics = [
            [
              var.name_prefix,
              "MicrovmSeconds",
              {
                stat  = "Sum"
                label = "seconds"
              },
            ],
          ]
          view                 = "singleValue"
          region               = local.region
          setPeriodToTimeRange = true
        }
      },
      {
        type   = "metric"
        x      = 0
        y      = 7
        width  = 8
        height = 6
        properties = {
          title = "Start in seconds"
          metrics = [
            [
              var.name_prefix,
              "StartSeconds",
              {
                stat  = "p50"
                label = "p50"
              },
            ],
            [
              var.name_prefix,
              "StartSeconds",
              {
                stat  = "p90"
                label = "p90"
              },
            ],
            [
              var.name_prefix,
              "StartSeconds",
              {
                stat  = "p99"
                label = "p99"
              },
            ],
          ]
          view   = "timeSeries"
          region = local.region
          period = 300
        }
      },
      {
        type   = "metric"
        x      = 8
        y      = 7
        width  = 8
        height = 6
        properties = {
          title = "Run in seconds"
          metrics = [
            [
              var.name_prefix,
              "RunSeconds",
              {
                stat  = "p50"
                label = "p50"
              },
            ],
            [
              var.name_prefix,
              "RunSeconds",
              {
                stat  = "p90"
                label = "p90"
              },
            ],
          ]
          view   = "timeSeries"
          region = local.region
          period = 300
        }
      },
      {
        type   = "metric"
        x      = 16
        y      = 7
        width  = 8
        height = 6
        properties = {
          title = "Longest wait, by reason"
          metrics = [
            [
              var.name_prefix,
              "WaitingDeniedSeconds",
              {
                stat  = "Maximum"
                label = "denied"
              },
            ],
            [
              var.name_prefix,
              "WaitingUnavailableSeconds",
              {
                stat  = "Maximum"
                label = "unavailable"
              },
            ],
            [
              var.name_prefix,
              "WaitingGitHubLimitSeconds",
              {
                stat  = "Maximum"
                label = "GitHub's limit"
              },
            ],
            [
              var.name_prefix,
              "WaitingNoRoomSeconds",
              {
                stat  = "Maximum"
                label = "no room"
              },
            ],
            [
              var.name_prefix,
              "WaitingImageSeconds",
              {
                stat  = "Maximum"
                label = "image"
              },
            ],
          ]
          view   = "timeSeries"
          region = local.region
          period = 300
        }
      },
      {
        type   = "metric"
        x      = 0
        y      = 13
        width  = 8
        height = 6
        properties = {
          title = "MicroVMs"
          metrics = [
            [
              var.name_prefix,
              "MicrovmSeconds",
              {
                stat  = "SampleCount"
                label = "ended"
              },
            ],
            [
              var.name_prefix,
              "WastedInARow",
              {
                stat  = "SampleCount"
                label = "launched anew"
              },
            ],
            [
              var.name_prefix,
              "JobsCutOff",
              {
                stat  = "Sum"
                label = "cut off"
              },
            ],
          ]
          view   = "timeSeries"
          region = local.region
          period = 300
        }
      },
      {
        type   = "metric"
        x      = 8
        y      = 13
        width  = 8
        height = 6
        properties = {
          title = "Queue"
          metrics = [
            [
              "AWS/SQS",
              "ApproximateNumberOfMessagesVisible",
              "QueueName",
              aws_sqs_queue.jobs.name,
              {
                stat  = "Maximum"
                label = "to be taken"
              },
            ],
            [
              "AWS/SQS",
              "ApproximateNumberOfMessagesDelayed",
              "QueueName",
              aws_sqs_queue.jobs.name,
              {
                stat  = "Maximum"
                label = "waiting"
              },
            ],
            [
              "AWS/SQS",
              "ApproximateNumberOfMessagesVisible",
              "QueueName",
              aws_sqs_queue.dead_letters.name,
              {
                stat  = "Maximum"
                label = "dead letters"
              },
            ],
          ]
          view   = "timeSeries"
          region = local.region
          period = 300
        }
      },
      {
        type   = "metric"
        x      = 16
        y      = 13
        width  = 8
        height = 6
        properties = {
          title = "Functions"
          metrics = [
            [
              "AWS/Lambda",
              "Errors",
              "FunctionName",
              aws_lambda_function.dispatcher.function_name,
              {
                stat  = "Sum"
                label = "dispatcher Errors"
              },
            ],
            [
              "AWS/Lambda",
              "Throttles",
              "FunctionName",
              aws_lambda_function.dispatcher.function_name,
              {
                stat  = "Sum"
                label = "dispatcher Throttles"
              },
            ],
            [
              "AWS/Lambda",
              "Errors",
              "FunctionName",
              aws_lambda_function.webhook.function_name,
              {
                stat  = "Sum"
                label = "webhook Errors"
              },
            ],
            [
              "AWS/Lambda",
              "Throttles",
              "FunctionName",
              aws_lambda_function.webhook.function_name,
              {
                stat  = "Sum"
                label = "webhook Throttles"
              },
            ],
            [
              "AWS/Lambda",
              "Errors",
              "FunctionName",
              aws_lambda_function.redeliver.function_name,
              {
                stat  = "Sum"
                label = "redeliver Errors"
              },
            ],
          ]
          view   = "timeSeries"
          region = local.region
          period = 300
        }
      },
      {
        type   = "log"
        x      = 0
        y      = 19
        width  = 8
        height = 4
        properties = {
          title = "Cost by class"
          query = join(
            "\n| ",
            [
              "SOURCE '${aws_cloudwatch_log_group.dispatcher.name}'",
              "filter event = \"launch.ended\" and seconds > 0",
              "stats count(*) as launches, sum(seconds) / 60 as minutes${local.dollar_columns} by class",
              "sort minutes desc",
              "limit 100",
            ],
          )
          view   = "table"
          region = local.region
        }
      },
      {
        type   = "log"
        x      = 8
        y      = 19
        width  = 8
        height = 4
        properties = {
          title = "Times by class"
          query = join(
            "\n| ",
            [
              "SOURCE '${aws_cloudwatch_log_group.dispatcher.name}'",
              "filter event = \"job.ran\"",
              "stats count(*) as jobs, pct(startSeconds, 50) as startP50, pct(startSeconds, 90) as startP90, sum(runSeconds) / 60 as runMinutes by class",
              "sort runMinutes desc",
              "limit 100",
            ],
          )
          view   = "table"
          region = local.region
        }
      },
      {
        type   = "log"
        x      = 16
        y      = 19
        width  = 8
        height = 4
        properties = {
          title = "Why jobs wait"
          query = join(
            "\n| ",
            [
              "SOURCE '${aws_cloudwatch_log_group.dispatcher.name}'",
              "filter event = \"message.waiting\"",
              "stats count_distinct(jobId) as jobs, max(ageSeconds) as longestSeconds by reason",
              "sort longestSeconds desc",
            ],
          )
          view   = "table"
          region = local.region
        }
      },
      {
        type   = "log"
        x      = 0
        y      = 23
        width  = 12
        height = 6
        properties = {
          title = "Cost by repository"
          query = join(
            "\n| ",
            [
              "SOURCE '${aws_cloudwatch_log_group.dispatcher.name}'",
              "filter event = \"launch.ended\" and seconds > 0",
              "stats count(*) as launches, sum(seconds) / 60 as minutes${local.dollar_columns} by repo",
              "sort minutes desc",
              "limit 100",
            ],
          )
          view   = "table"
          region = local.region
        }
      },
      {
        type   = "log"
        x      = 12
        y      = 23
        width  = 12
        height = 6
        properties = {
          title = "Slowest starts"
          query = join(
            "\n| ",
            [
              "SOURCE '${aws_cloudwatch_log_group.dispatcher.name}'",
              "fields @timestamp, startSeconds, runSeconds, repo, workflow, class, jobId",
              "filter event = \"job.ran\"",
              "sort startSeconds desc",
              "limit 20",
            ],
          )
          view   = "table"
          region = local.region
        }
      },
    ]
  })
}
