output "connector_arn" {
  description = "ARN of the connector through which jobs reach the VPC."
  value       = awscc_lambda_network_connector.runners.arn
}

output "image_version" {
  description = "Active version of the runner image."
  value       = module.gha_runner.image_version
}

output "security_group_id" {
  description = "ID of the runners' security group, to be let in by what jobs are to reach."
  value       = aws_security_group.runners.id
}
