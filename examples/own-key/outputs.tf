output "image_version" {
  description = "Active version of the runner image."
  value       = module.gha_runner.image_version
}

output "kms_key_arn" {
  description = "ARN of the key."
  value       = aws_kms_key.runners.arn
}

output "webhook_payload_url" {
  description = "Where GitHub sends its workflow_job events."
  value       = module.gha_runner.webhook_payload_url
}
