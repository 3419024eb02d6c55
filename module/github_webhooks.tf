# Generated from src/module/github-webhooks.ts: change that, then run `npx projen generate`.

resource "github_organization_webhook" "runner" {
  count = var.manage_webhooks && length(var.github_repositories) == 0 ? 1 : 0

  events = ["workflow_job"]

  configuration {
    url          = aws_lambda_function_url.webhook.function_url
    content_type = "json"
    secret       = local.webhook_secrets[0]
    insecure_ssl = false
  }

  depends_on = [
    aws_iam_role_policy.webhook,
    aws_lambda_function.webhook,
    aws_ssm_parameter.webhook,
    aws_ssm_parameter.dispatcher,
  ]
}

# The provider wants the repository's name without its owner, which is the provider's own.
resource "github_repository_webhook" "runner" {
  for_each = toset(var.manage_webhooks ? var.github_repositories : [])

  repository = element(split("/", each.value), 1)
  events     = ["workflow_job"]

  configuration {
    url          = aws_lambda_function_url.webhook.function_url
    content_type = "json"
    secret       = local.webhook_secrets[0]
    insecure_ssl = false
  }

  depends_on = [
    aws_iam_role_policy.webhook,
    aws_lambda_function.webhook,
    aws_ssm_parameter.webhook,
    aws_ssm_parameter.dispatcher,
  ]
}
