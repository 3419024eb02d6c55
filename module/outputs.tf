# Generated from src/interface/outputs.ts: change that, then run `npx projen generate`.

# -----------------------------------------------------------------------------
# GitHub
# -----------------------------------------------------------------------------

output "webhook_payload_url" {
  description = "Payload URL for the GitHub webhook (content type: application/json). Already wired up when manage_webhooks = true."
  value       = aws_lambda_function_url.webhook.function_url
}

output "webhook_secret" {
  description = "HMAC secret shared with GitHub (X-Hub-Signature-256). Sensitive: read with `terraform output -raw webhook_secret`. Set as the webhook 'Secret' if wiring up manually (manage_webhooks = false)."
  value       = local.webhook_secrets[0]
  sensitive   = true
}

# -----------------------------------------------------------------------------
# Runner image
# -----------------------------------------------------------------------------

output "exec_role_arn" {
  description = "ARN of the MicroVM execution role (executionRoleArn for RunMicrovm)."
  value       = aws_iam_role.exec.arn
}

output "image_arn" {
  description = "ARN of the MicroVM image (imageIdentifier for RunMicrovm)."
  value       = local.image_arn
}

output "image_version" {
  description = "Active version of the MicroVM image (e.g. '8.0'); increments on each rebuild."
  value = (
    var.image_version != null
    ? var.image_version
    : data.awscc_lambda_microvm_image.runner.latest_active_image_version
  )
}

output "refresh_function_name" {
  description = "Name of the Lambda function that builds the image again (image_refresh). Invoked with the payload {\"rebuild\": true} it does so at once."
  value       = aws_lambda_function.refresh.function_name
}

output "runner_classes" {
  description = "Classes of runners by name, default included: the labels of runs-on, the memory in MiB, the image with the version that is launched, its log group, and whether it shares the default's image."
  value = merge(
    {
      default = {
        runs_on    = var.required_labels
        memory_mib = var.runner_memory_mib
        image_arn  = local.image_arn
        image_version = (
          var.image_version != null
          ? var.image_version
          : data.awscc_lambda_microvm_image.runner.latest_active_image_version
        )
        log_group    = aws_cloudwatch_log_group.runner.name
        shared_image = false
      }
    },
    {
      for name, class in var.runner_classes :
      name => {
        runs_on = local.class_required_labels[name]
        memory_mib = (
          contains(keys(local.class_images), name)
          ? local.class_images[name]["runner_memory_mib"]
          : var.runner_memory_mib
        )
        image_arn = contains(keys(local.class_images), name) ? local.class_image_arns[name] : local.image_arn
        image_version = (
          class.image_version != null
          ? class.image_version
          : (
            contains(keys(local.class_images), name)
            ? data.awscc_lambda_microvm_image.class[name]["latest_active_image_version"]
            : (
              var.image_version != null
              ? var.image_version
              : data.awscc_lambda_microvm_image.runner.latest_active_image_version
            )
          )
        )
        log_group = (
          contains(keys(local.class_images), name)
          ? aws_cloudwatch_log_group.class[name]["name"]
          : aws_cloudwatch_log_group.runner.name
        )
        shared_image = contains(keys(local.class_images), name) ? false : true
      }
    },
  )
}

# -----------------------------------------------------------------------------
# Dispatcher
# -----------------------------------------------------------------------------

output "dispatcher_function_name" {
  description = "Name of the dispatcher Lambda function."
  value       = aws_lambda_function.dispatcher.function_name
}

output "secret_param_arn" {
  description = "ARN of the SSM SecureString parameter."
  value       = aws_ssm_parameter.dispatcher.arn
}

output "secret_param_name" {
  description = "Name of the SSM Parameter Store SecureString holding the webhook secret + GitHub credential."
  value       = aws_ssm_parameter.dispatcher.name
}

# -----------------------------------------------------------------------------
# General
# -----------------------------------------------------------------------------

output "artifacts_bucket" {
  description = "Name of the S3 bucket holding the MicroVM code artifact."
  value       = aws_s3_bucket.artifacts.bucket
}

output "monitoring" {
  description = "What alarms and dashboards of your own need: the metrics' namespace, ARNs of the alarms, log groups, functions, queues and table."
  value = {
    namespace      = var.name_prefix
    dashboard_name = one(aws_cloudwatch_dashboard.overview[*].dashboard_name)
    alarm_arns = {
      for name, alarm in {
        denied             = aws_cloudwatch_metric_alarm.denied
        deliveries-failing = aws_cloudwatch_metric_alarm.deliveries_failing
        no-room            = aws_cloudwatch_metric_alarm.no_room
        image-unusable     = aws_cloudwatch_metric_alarm.image_unusable
        unavailable        = aws_cloudwatch_metric_alarm.unavailable
        github-budget      = aws_cloudwatch_metric_alarm.github_budget
        dispatcher-failing = aws_cloudwatch_metric_alarm.dispatcher_failing
        queue-stuck        = aws_cloudwatch_metric_alarm.queue_stuck
        launches-wasted    = aws_cloudwatch_metric_alarm.launches_wasted
        runner-refused     = aws_cloudwatch_metric_alarm.runner_refused
        runner-days-left   = aws_cloudwatch_metric_alarm.runner_days_left
        image-refresh      = aws_cloudwatch_metric_alarm.image_refresh
        redeliver-failing  = aws_cloudwatch_metric_alarm.redeliver_failing
        jobs-cut-off       = aws_cloudwatch_metric_alarm.jobs_cut_off
        jobs-exhausted     = aws_cloudwatch_metric_alarm.jobs_exhausted
        jobs-expiring      = aws_cloudwatch_metric_alarm.jobs_expiring
        dead-letters       = aws_cloudwatch_metric_alarm.dead_letters
        prune-failed       = aws_cloudwatch_metric_alarm.prune_failed
      } : name => alarm[0].arn if length(alarm) > 0
    }
    functions = {
      dispatcher = aws_lambda_function.dispatcher.function_name
      prune      = aws_lambda_function.prune.function_name
      redeliver  = aws_lambda_function.redeliver.function_name
      refresh    = aws_lambda_function.refresh.function_name
      webhook    = aws_lambda_function.webhook.function_name
    }
    log_groups = {
      dispatcher = aws_cloudwatch_log_group.dispatcher.name
      prune      = aws_cloudwatch_log_group.prune.name
      redeliver  = aws_cloudwatch_log_group.redeliver.name
      refresh    = aws_cloudwatch_log_group.refresh.name
      webhook    = aws_cloudwatch_log_group.webhook.name
      microvms   = aws_cloudwatch_log_group.runner.name
    }
    queue        = aws_sqs_queue.jobs.name
    dead_letters = aws_sqs_queue.dead_letters.name
    table        = aws_dynamodb_table.jobs.name
  }
}
