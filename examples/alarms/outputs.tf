output "image_version" {
  description = "Active version of the runner image."
  value       = module.gha_runner.image_version
}

output "topic_arn" {
  description = "ARN of the topic, for further subscriptions."
  value       = aws_sns_topic.alarms.arn
}

output "webhook_payload_url" {
  description = "Where GitHub sends its workflow_job events."
  value       = module.gha_runner.webhook_payload_url
}
