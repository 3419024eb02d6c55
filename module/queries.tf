# Generated from src/module/queries.ts: change that, then run `npx projen generate`.

# Saved queries cost nothing; to run one is billed by what it reads.
resource "aws_cloudwatch_query_definition" "cost_by_repository" {
  name            = "${var.name_prefix}/cost by repository"
  log_group_names = [aws_cloudwatch_log_group.dispatcher.name]
  query_string = join(
    "\n| ",
    [
      "filter event = \"launch.ended\" and seconds > 0",
      "stats count(*) as launches, sum(seconds) / 60 as minutes${local.dollar_columns} by repo",
      "sort minutes desc",
      "limit 100",
    ],
  )
}

resource "aws_cloudwatch_query_definition" "cost_by_workflow" {
  name            = "${var.name_prefix}/cost by workflow"
  log_group_names = [aws_cloudwatch_log_group.dispatcher.name]
  query_string = join(
    "\n| ",
    [
      "filter event = \"launch.ended\" and seconds > 0",
      "stats count(*) as launches, sum(seconds) / 60 as minutes${local.dollar_columns} by repo, workflow",
      "sort minutes desc",
      "limit 100",
    ],
  )
}

resource "aws_cloudwatch_query_definition" "cost_by_class" {
  name            = "${var.name_prefix}/cost by class"
  log_group_names = [aws_cloudwatch_log_group.dispatcher.name]
  query_string = join(
    "\n| ",
    [
      "filter event = \"launch.ended\" and seconds > 0",
      "stats count(*) as launches, sum(seconds) / 60 as minutes${local.dollar_columns} by class",
      "sort minutes desc",
      "limit 100",
    ],
  )
}

resource "aws_cloudwatch_query_definition" "times_by_repository" {
  name            = "${var.name_prefix}/times by repository"
  log_group_names = [aws_cloudwatch_log_group.dispatcher.name]
  query_string = join(
    "\n| ",
    [
      "filter event = \"job.ran\"",
      "stats count(*) as jobs, pct(startSeconds, 50) as startP50, pct(startSeconds, 90) as startP90, sum(runSeconds) / 60 as runMinutes by repo",
      "sort runMinutes desc",
      "limit 100",
    ],
  )
}

resource "aws_cloudwatch_query_definition" "times_by_workflow" {
  name            = "${var.name_prefix}/times by workflow"
  log_group_names = [aws_cloudwatch_log_group.dispatcher.name]
  query_string = join(
    "\n| ",
    [
      "filter event = \"job.ran\"",
      "stats count(*) as jobs, pct(startSeconds, 50) as startP50, pct(startSeconds, 90) as startP90, sum(runSeconds) / 60 as runMinutes by repo, workflow",
      "sort runMinutes desc",
      "limit 100",
    ],
  )
}

resource "aws_cloudwatch_query_definition" "times_by_class" {
  name            = "${var.name_prefix}/times by class"
  log_group_names = [aws_cloudwatch_log_group.dispatcher.name]
  query_string = join(
    "\n| ",
    [
      "filter event = \"job.ran\"",
      "stats count(*) as jobs, pct(startSeconds, 50) as startP50, pct(startSeconds, 90) as startP90, sum(runSeconds) / 60 as runMinutes by class",
      "sort runMinutes desc",
      "limit 100",
    ],
  )
}

resource "aws_cloudwatch_query_definition" "slowest_starts" {
  name            = "${var.name_prefix}/slowest starts"
  log_group_names = [aws_cloudwatch_log_group.dispatcher.name]
  query_string = join(
    "\n| ",
    [
      "fields @timestamp, startSeconds, runSeconds, repo, workflow, class, jobId",
      "filter event = \"job.ran\"",
      "sort startSeconds desc",
      "limit 20",
    ],
  )
}

resource "aws_cloudwatch_query_definition" "why_jobs_wait" {
  name            = "${var.name_prefix}/why jobs wait"
  log_group_names = [aws_cloudwatch_log_group.dispatcher.name]
  query_string = join(
    "\n| ",
    [
      "filter event = \"message.waiting\"",
      "stats count_distinct(jobId) as jobs, max(ageSeconds) as longestSeconds by reason",
      "sort longestSeconds desc",
    ],
  )
}

resource "aws_cloudwatch_query_definition" "wasted_launches" {
  name            = "${var.name_prefix}/wasted launches"
  log_group_names = [aws_cloudwatch_log_group.dispatcher.name]
  query_string = join(
    "\n| ",
    [
      "filter event = \"launch.ended\" and outcome in [\"no-runner\", \"died\", \"refused\", \"abandoned\"]",
      "stats count(*) as launches, sum(seconds) / 60 as minutes by repo, outcome",
      "sort launches desc",
    ],
  )
}

resource "aws_cloudwatch_query_definition" "refused_jobs" {
  name            = "${var.name_prefix}/refused jobs"
  log_group_names = [aws_cloudwatch_log_group.dispatcher.name]
  query_string = join(
    "\n| ",
    ["filter event = \"job.refused\"", "stats count(*) as jobs by repo, reason", "sort jobs desc"],
  )
}

resource "aws_cloudwatch_query_definition" "failed_deliveries" {
  name            = "${var.name_prefix}/failed deliveries"
  log_group_names = [aws_cloudwatch_log_group.redeliver.name]
  query_string = join(
    "\n| ",
    [
      "filter event = \"redelivery.asked\"",
      "stats count(*) as deliveries, max(ageSeconds) as oldestSeconds by statusCode",
      "sort deliveries desc",
    ],
  )
}

resource "aws_cloudwatch_query_definition" "events_of_jobs" {
  name            = "${var.name_prefix}/events of jobs"
  log_group_names = [aws_cloudwatch_log_group.dispatcher.name]
  query_string = join(
    "\n| ",
    [
      "fields @timestamp, jobId, level, event, type, reason, launchId, microvmId, error, message",
      "filter ispresent(jobId)",
      "sort @timestamp desc",
      "limit 1000",
    ],
  )
}
