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
