output "image_version" {
  description = "Active version of the runner image."
  value       = module.gha_runner.image_version
}

output "webhook_payload_url" {
  description = "Payload URL to enter in GitHub."
  value       = module.gha_runner.webhook_payload_url
}

output "webhook_secret" {
  description = "Secret to enter in GitHub: read it with `terraform output -raw webhook_secret`."
  value       = module.gha_runner.webhook_secret
  sensitive   = true
}
