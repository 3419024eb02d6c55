output "connector_arn" {
  description = "ARN of the connector through which jobs of the class private reach the VPC."
  value       = awscc_lambda_network_connector.runners.arn
}

output "runner_classes" {
  description = "Each class with its labels, memory, image and log group."
  value       = module.gha_runner.runner_classes
}
